"""Published versions and everything that is asked of them: `store` reads, `writer` makes, all others ask.

Figures are computed by dbt, and deliveries are `warehouse.intake`'s; neither is here.
"""
