"""What a document shows of its seller's country, and what follows for dates and the currency.

Self-contained: texts and numbers in, frozen values with probabilities out; nothing here knows of pages or fields.
"""
