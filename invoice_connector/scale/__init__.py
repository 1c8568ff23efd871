"""Documents through queues: stages with workers of their own on any number of machines (extra ``scale``)."""
