# A release of Instance Webhooks as a CloudFormation stack that Terraform manages. docs/deploy/README.md has the steps before it.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

variable "artifact_bucket" {
  description = "Bucket in the provider's region that the release's folder was copied to."
  type        = string
}

variable "release" {
  description = "Name of the release's folder in the bucket, such as instance-webhooks-0.1.0."
  type        = string
}

variable "instance_stream_arn" {
  description = "Stream of the instance table, with both images. Empty creates a table."
  type        = string
  default     = ""
}

variable "alarm_email" {
  description = "Address that alarms are sent to."
  type        = string
}

data "aws_region" "current" {}

data "aws_partition" "current" {}

resource "aws_cloudformation_stack" "instance_webhooks" {
  name         = "instance-webhooks"
  template_url = "https://s3.${data.aws_region.current.name}.${data.aws_partition.current.dns_suffix}/${var.artifact_bucket}/${var.release}/template.json"
  capabilities = ["CAPABILITY_IAM"]

  parameters = {
    ArtifactBucket    = var.artifact_bucket
    ArtifactPrefix    = "${var.release}/"
    InstanceStreamArn = var.instance_stream_arn
    AlarmEmail        = var.alarm_email
  }
}

output "console_url" {
  value = aws_cloudformation_stack.instance_webhooks.outputs["ConsoleUrl"]
}

output "api_address" {
  value = aws_cloudformation_stack.instance_webhooks.outputs["ApiAddress"]
}
