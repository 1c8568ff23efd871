"""``python -m invoice_connector`` is ``invoice-connector``."""

import sys

from invoice_connector.cli import main

sys.exit(main())
