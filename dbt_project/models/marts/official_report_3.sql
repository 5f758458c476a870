-- grain: one row per month, commune of today and standard of the lists and unit
{{ form_of_movement('near_poor') }}
