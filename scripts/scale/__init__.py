"""Many workers on real servers: disturbed on purpose, and measured."""
