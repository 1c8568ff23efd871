"""An example of each kind of plug-in; ``docs/plugins.md`` of invoice-connector is the guide to it."""
