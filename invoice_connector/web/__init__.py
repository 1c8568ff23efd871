"""The HTTP application: uploads, reviews, divisions and master data, beside the dashboard of ``analytics``."""
