// CDK for TypeScript: the authorizer's template as a part of your stack. docs/any-tool.md says what it needs.
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';

const app = new App();
const stack = new Stack(app, 'Reports');

const api = new apigateway.HttpApi(stack, 'Api');
const code = new Asset(stack, 'AuthorizerCode', { path: app.node.getContext('authorizer') });
const gatepost = new CfnInclude(stack, 'Gatepost', {
  templateFile: 'gatepost-authorizer.template.json',
  parameters: {
    CodeBucket: code.s3BucketName,
    CodeKey: code.s3ObjectKey,
    Issuer: app.node.getContext('issuer'),
    TokensTableArn: app.node.tryGetContext('tokensTableArn') ?? '',
    HttpApiId: api.apiId,
    Routes: JSON.stringify({ 'reports.read': ['GET /reports'] }),
  },
});

const [route] = api.addRoutes({
  path: '/reports',
  methods: [apigateway.HttpMethod.GET],
  integration: new HttpLambdaIntegration(
    'Reports',
    new lambda.Function(stack, 'Function', {
      runtime: lambda.Runtime.NODEJS_24_X,
      handler: 'reports.handler',
      code: lambda.Code.fromAsset('handlers'),
    }),
  ),
});
const protectedRoute = route.node.defaultChild as apigateway.CfnRoute;
protectedRoute.authorizationType = 'CUSTOM';
protectedRoute.authorizerId = gatepost.getResource('Authorizer').ref;

new CfnOutput(stack, 'Url', { value: api.apiEndpoint });
