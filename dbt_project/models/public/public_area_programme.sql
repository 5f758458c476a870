-- grain: one row per month and area
{{ protect(
    'area_programme',
    keys=['period_month', 'area_level', 'area_code'],
    counts=[
        'poor_persons_on_file', 'poor_persons_insured', 'poor_persons_insurance_unknown', 'near_poor_persons_on_file',
        'near_poor_persons_insured', 'near_poor_persons_insurance_unknown', 'poor_households', 'poor_households_with_loan', 'houses_supported', 'houses_supported_in_month', 'houses_completed',
        'houses_completed_in_month', 'loans_open', 'trained_persons', 'trained_persons_in_month',
        'trained_persons_with_job'
    ],
    measures={
        'house_support_vnd': 'case when houses_supported >= 0 then exact_house_support_vnd end',
        'loan_balance_vnd': 'case when loans_open >= 0 then exact_loan_balance_vnd end',
        'overdue_vnd': 'case when loans_open >= 0 then exact_overdue_vnd end',
        'frozen_vnd': 'case when loans_open >= 0 then exact_frozen_vnd end',
        'poor_persons_insured_pct': 'case when exact_poor_persons_insured_pct is not null then ' ~ pct('poor_persons_insured', 'poor_persons_on_file') ~ ' end',
        'near_poor_persons_insured_pct': 'case when exact_near_poor_persons_insured_pct is not null then ' ~ pct('near_poor_persons_insured', 'near_poor_persons_on_file') ~ ' end',
        'poor_households_with_loan_pct': pct('poor_households_with_loan', 'poor_households'),
        'trained_with_job_pct': pct('trained_persons_with_job', 'trained_persons')
    }
) }}
