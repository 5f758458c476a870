-- grain: one row per person of a review form and month
{{ linked_rows('base_labour__household_members') }}
