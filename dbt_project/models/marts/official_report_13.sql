-- grain: one row per month, commune of today and standard of the lists
{{ form_of_class('near_poor') }}
