# Terraform: the authorizer's stack before an HTTP API. docs/any-tool.md says what it needs.
variable "issuer" {
  type = string
}

variable "tokens_table_arn" {
  type    = string
  default = ""
}

variable "code_bucket" {
  type = string
}

locals {
  # The name of the file ends in a digest: a new version has a new key, and the function gets it.
  code = one(fileset(path.module, "gatepost-authorizer-arm64-*.zip"))
}

resource "aws_apigatewayv2_api" "reports" {
  name          = "reports"
  protocol_type = "HTTP"
}

resource "aws_s3_object" "authorizer" {
  bucket = var.code_bucket
  key    = local.code
  source = "${path.module}/${local.code}"
}

resource "aws_cloudformation_stack" "gatepost" {
  name          = "reports-authorizer"
  template_body = file("${path.module}/gatepost-authorizer.template.json")
  capabilities  = ["CAPABILITY_IAM"]

  parameters = {
    CodeBucket     = aws_s3_object.authorizer.bucket
    CodeKey        = aws_s3_object.authorizer.key
    Issuer         = var.issuer
    TokensTableArn = var.tokens_table_arn
    HttpApiId      = aws_apigatewayv2_api.reports.id
    Routes         = jsonencode({ "reports.read" = ["GET /reports"] })
  }
}

resource "aws_apigatewayv2_route" "reports" {
  api_id             = aws_apigatewayv2_api.reports.id
  route_key          = "GET /reports"
  target             = "integrations/${aws_apigatewayv2_integration.reports.id}"
  authorization_type = "CUSTOM"
  authorizer_id      = aws_cloudformation_stack.gatepost.outputs["AuthorizerId"]
}

resource "aws_apigatewayv2_integration" "reports" {
  api_id                 = aws_apigatewayv2_api.reports.id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_function.reports.invoke_arn
  payload_format_version = "2.0"
}
