"""What an invoice must keep, what bears its values out, and whether it may be booked without looking."""
