-- grain: one row per card and month of the register, as it was sent
{{ standing_rows('health_insurance/cards', key=['card_key']) }}
