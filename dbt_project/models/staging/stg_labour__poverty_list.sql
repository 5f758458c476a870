-- grain: one row per person on a sheet of the list and month
{{ linked_rows('base_labour__poverty_list') }}
