"""tansiq plans (`tansiq-plan/1`, JSON and JSON Lines), F3548 volumes and operational intents.

Source: docs/reference/plan.md; ASTM F3548-21 Volume4D, OperationalIntentDetails.
"""

from tansiq.formats.plan.read import read_plan
from tansiq.formats.plan.write import write_plan, write_plan_lines

__all__ = ["read_plan", "write_plan", "write_plan_lines"]
