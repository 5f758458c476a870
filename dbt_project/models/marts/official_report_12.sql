-- grain: one row per month and commune of today
{{ form_of_class('poor') }}
