"""Cost accounting: quotas, slips and settlements per shift, a plugin of dutybook."""
