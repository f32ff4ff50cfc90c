"""The brief's names and numbers."""

from serving import agents


def test_agents_keep_the_names_and_ids_of_the_brief() -> None:
    assert {name: getattr(agents, name).id for name in agents.__all__} == {
        "ManageCustomerInquiriesCustomerServiceAgent": "6.2.1",
        "HandleServiceExceptionsCustomerServiceAgent": "6.2.2",
        "ResolveCustomerIssuesCustomerServiceAgent": "6.2.3",
        "MeasureCustomerSatisfactionCustomerServiceAgent": "6.3",
        "MeasureEvaluateCustomerServiceOperationsCustomerServiceAgent": "6.3",
    }


def test_docstrings_give_the_true_element_of_the_framework() -> None:
    for name in agents.__all__:
        assert "PCF 7.x: 6." in (getattr(agents, name).__doc__ or "")
