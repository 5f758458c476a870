-- grain: one row per month and area; flows of the month are left to the difference of the stocks
{{ public_rows(
    'area_programme',
    measures={
        'house_support_vnd': money('house_support_vnd', 'houses_supported'),
        'loan_balance_vnd': money('loan_balance_vnd', 'loans_open'),
        'overdue_vnd': money('overdue_vnd', 'loans_open'),
        'frozen_vnd': money('frozen_vnd', 'loans_open'),
        'poor_persons_insured_pct':
            'case when exact_poor_persons_insured_pct is not null then '
            ~ pct('poor_persons_insured', 'poor_persons_on_file') ~ ' end',
        'near_poor_persons_insured_pct':
            'case when exact_near_poor_persons_insured_pct is not null then '
            ~ pct('near_poor_persons_insured', 'near_poor_persons_on_file') ~ ' end',
        'poor_households_with_loan_pct': pct('poor_households_with_loan', 'poor_households'),
        'trained_with_job_pct': pct('trained_persons_with_job', 'trained_persons')
    }
) }}
