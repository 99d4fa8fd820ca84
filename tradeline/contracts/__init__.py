"""What rooms agree on: raw tables, features, the label, the policy, publications."""
