"""The packages of the lock file by layer, and the files of each that are shipped."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

OWN = "gatepost"  # the layer of this repository's own code

# Distributions by layer. A function gets those it imports; with our own, at most five (Lambda quotas).
LAYERS: Mapping[str, tuple[str, ...]] = {
    "powertools": ("aws-lambda-powertools", "jmespath", "typing-extensions"),
    "boto3": ("boto3", "botocore", "jmespath", "python-dateutil", "s3transfer", "six", "urllib3"),
    "tokens": ("cffi", "cryptography"),
    "jwt": ("pyjwt",),
    "passwords": ("bcrypt", "zxcvbn"),
    "pages": ("jinja2", "markupsafe"),
    "images": ("pillow",),
    "api": ("annotated-types", "pydantic", "pydantic-core", "typing-inspection"),
}

# Dependencies that no function imports.
LEFT_OUT: Mapping[str, str] = {"pycparser": "cffi parses C with it, which happens where cryptography is built"}

# The service models of botocore to keep: arguments of `boto3.client`.
SERVICES = ("dynamodb", "lambda", "secretsmanager", "sesv2", "sqs")
_BOTOCORE_DATA = ("_retry.json", "endpoints.json", "partitions.json", "sdk-default-configuration.json")

_NEVER = ("*.pyi", "*/py.typed", "*.c", "*.h", "*/__pycache__/*", "*.dist-info/*", "bin/*", "../*")
_LICENCES = ("*.dist-info/LICENSE*", "*.dist-info/NOTICE*", "*.dist-info/licenses/*")
_DROPPED: Mapping[str, tuple[str, ...]] = {
    "aws-lambda-powertools": (
        "*/openapi/swagger_ui/*.js",  # the document is served, without a page to display it
        "*/openapi/swagger_ui/*.css",
        *(
            f"aws_lambda_powertools/utilities/{name}/*"
            for name in (
                *("auth_alpha", "batch", "circuit_breaker", "data_masking", "feature_flags", "idempotency", "kafka"),
                *("parameters", "parser", "streaming", "validation"),
            )
        ),
    ),
    "boto3": ("boto3/data/*", "boto3/examples/*"),  # for `boto3.resource`; functions use clients
    "botocore": ("botocore/data/*",),
    "cffi": ("cffi/*",),  # cryptography needs only the C module
    "pydantic": ("pydantic/mypy.py", "pydantic/v1/*"),  # v1 is for models that were not migrated to version 2
    "pillow": (  # logos come as PNG or JPEG
        *("PIL/_avif.*", "PIL/_imagingcms.*", "PIL/_imagingft.*", "PIL/_imagingm*", "PIL/_imagingtk.*", "PIL/_webp.*"),
        *(
            f"pillow.libs/lib{name}*"
            for name in ("avif", "brotli", "freetype", "harfbuzz", "lcms", "png", "sharpyuv", "webp")
        ),
    ),
    "urllib3": ("urllib3/contrib/emscripten/*",),  # for browsers
    "python-dateutil": ("dateutil/zoneinfo/*.tar.gz",),  # Python has zoneinfo
}
_KEPT: Mapping[str, tuple[str, ...]] = {
    "botocore": (
        *(f"botocore/data/{name}" for name in _BOTOCORE_DATA),
        *(f"botocore/data/{service}/*" for service in SERVICES),
    )
}
_UNUSED_DATA = ("botocore/data/*/examples-1.json", "botocore/data/*/completions-1.json*")


def is_licence(path: str) -> bool:
    """Whether a file of a distribution is its licence or notice."""
    return _matches(path, _LICENCES)


def is_shipped(distribution: str, path: str) -> bool:
    """Whether a file of a distribution, relative to its installation, goes into its layer."""
    if _matches(path, _NEVER) or _matches(path, _UNUSED_DATA):
        return False
    return _matches(path, _KEPT.get(distribution, ())) or not _matches(path, _DROPPED.get(distribution, ()))


def rules(layer: str) -> tuple[object, ...]:
    """Return all rules for the content of a layer, for its digest."""
    return tuple((name, _NEVER, _UNUSED_DATA, _DROPPED.get(name), _KEPT.get(name), _LICENCES) for name in LAYERS[layer])


def _matches(path: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(path, pattern) for pattern in patterns)
