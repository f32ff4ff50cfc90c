"""The five agents of the desk: plain code with one responsibility each, under the brief's names.

The brief numbers them after an older edition of APQC's Process Classification Framework (PCF); the
docstring of each gives the element of edition 7.x that it really is.
"""

from serving.agents.exceptions import HandleServiceExceptionsCustomerServiceAgent
from serving.agents.inquiries import ManageCustomerInquiriesCustomerServiceAgent
from serving.agents.operations import MeasureEvaluateCustomerServiceOperationsCustomerServiceAgent
from serving.agents.resolution import ResolveCustomerIssuesCustomerServiceAgent
from serving.agents.satisfaction import MeasureCustomerSatisfactionCustomerServiceAgent

__all__ = [
    "HandleServiceExceptionsCustomerServiceAgent",
    "ManageCustomerInquiriesCustomerServiceAgent",
    "MeasureCustomerSatisfactionCustomerServiceAgent",
    "MeasureEvaluateCustomerServiceOperationsCustomerServiceAgent",
    "ResolveCustomerIssuesCustomerServiceAgent",
]
