-- grain: one row per card and month of the register
{{ standing_rows('health_insurance/cards', key=['card_key']) }}
