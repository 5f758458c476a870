-- grain: one row per contract and month
{{ linked_rows('base_policy_bank__loans') }}
