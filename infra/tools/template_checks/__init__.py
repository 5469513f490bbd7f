"""cdk-nag, cfn-lint and checkov on the synthesized templates; findings are fixed or acknowledged with a reason.

`make lint-template` fails for a finding without a reason and for a reason without a finding.
"""
