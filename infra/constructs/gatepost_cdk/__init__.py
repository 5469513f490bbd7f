"""What other CDK apps import of Gatepost."""
