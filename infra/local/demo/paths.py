"""The paths of the demo app that signs people in."""

HOME = "/account"
SIGN_IN, CALLBACK = f"{HOME}/sign-in", f"{HOME}/callback"
SIGN_OUT, SIGNED_OUT, BACKCHANNEL = f"{HOME}/sign-out", f"{HOME}/signed-out", f"{HOME}/backchannel-logout"
