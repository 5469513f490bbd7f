"""cdk-nag, cfn-lint and checkov on the synthesized templates; what they find is mended or has a reason.

`python -m infra.tools.template_checks` (`make lint-template`) fails for a finding without a reason and for a reason without a finding.
"""
