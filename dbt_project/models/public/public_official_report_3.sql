-- grain: one row per month and commune of today and unit
{{ public_form_of_movement('near_poor') }}
