"""What the user's brief promises of each group of tickets. Claims, not measurements; ours stand beside them."""

GROUP_CLAIMS = {
    "password_reset": 0.95,
    "refund_status": 0.88,
    "order_tracking": 0.92,
    "technical_support": 0.72,
    "billing_inquiry": 0.85,
    "account_issues": 0.90,
    "product_info": 0.93,
    "complaints": 0.45,
}
"""Auto-resolution rate, by group; the group ``other`` has none."""
OVERALL_CLAIM = 0.70
