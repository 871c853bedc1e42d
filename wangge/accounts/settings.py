"""Settings of sign-in: allauth (user name, no e-mail), axes (lock-out in the database), password rules.

From the environment: WANGGE_IDLE_MINUTES, WANGGE_SESSION_HOURS, WANGGE_SECOND_FACTOR (off | optional | required),
WANGGE_PASSWORD_DAYS (0: passwords do not expire), WANGGE_PROXIES (how many trusted proxies stand in front).
Sources of the rules: MLPS 2.0 level 3 (GB/T 22239-2019, 8.1.4.1) as systems are examined for it.
"""

from __future__ import annotations

import os
from datetime import timedelta

from django.core.exceptions import ImproperlyConfigured

IDLE_TIMEOUT_MINUTES = int(os.environ.get("WANGGE_IDLE_MINUTES", "30"))
SESSION_HOURS = int(os.environ.get("WANGGE_SESSION_HOURS", "12"))
STAFF_SECOND_FACTOR = os.environ.get("WANGGE_SECOND_FACTOR", "optional")
if STAFF_SECOND_FACTOR not in ("off", "optional", "required"):
    # a misspelt word must not quietly mean "optional"
    raise ImproperlyConfigured("WANGGE_SECOND_FACTOR: off | optional | required")
PASSWORD_MAX_AGE_DAYS = int(os.environ.get("WANGGE_PASSWORD_DAYS", "180"))
ONE_TIME_PASSWORD_DAYS = 7
FORMER_PASSWORDS_KEPT = 5
TRUSTED_PROXIES = int(os.environ.get("WANGGE_PROXIES", "0"))

# requests to sign in from one network within five minutes; an office behind one address must pass
SIGN_IN_PER_NETWORK = 300
# … and from one browser
SIGN_IN_PER_VISIT = 30
SIGN_IN_WINDOW_S = 300
# wrong codes of the second factor by one user within fifteen minutes
CODES_PER_USER = 5
CODES_WINDOW_S = 900

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "wangge.accounts.passwords.LongEnough", "OPTIONS": {"min_length": 8}},
    {"NAME": "wangge.accounts.passwords.ThreeOfFourClasses"},
    {"NAME": "wangge.accounts.passwords.WithoutOwnName"},
    {"NAME": "wangge.accounts.passwords.NotWellKnown"},
    {"NAME": "wangge.accounts.passwords.NotUsedBefore"},
]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/office/"
LOGOUT_REDIRECT_URL = "/"
SESSION_COOKIE_AGE = int(timedelta(hours=SESSION_HOURS).total_seconds())

ACCOUNT_ADAPTER = "wangge.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "wangge.accounts.forms.SignInForm",
    "change_password": "wangge.accounts.forms.NewPasswordForm",
    "reauthenticate": "wangge.accounts.forms.PasswordAgainForm",
}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_RATE_LIMITS = False  # counted in our own database rows, shared by all processes
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600

MFA_ADAPTER = "wangge.accounts.adapter.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "wangge.accounts.forms.CodeForm",
    "reauthenticate": "wangge.accounts.forms.CodeAgainForm",
    "activate_totp": "wangge.accounts.forms.FirstCodeForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_TOLERANCE = 1  # phones whose clock is up to thirty seconds off
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = "Wangge"
USERSESSIONS_TRACK_ACTIVITY = False  # our middleware notes it once a minute, not at every request

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_USERNAME_CALLABLE = "wangge.accounts.lockout.username_of"
AXES_CLIENT_IP_CALLABLE = "wangge.kit.network.network_address"
AXES_LOCKOUT_CALLABLE = "wangge.accounts.lockout.locked_out_page"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True  # the account log is ours, with more in it
AXES_ENABLE_ADMIN = False  # registered on our own site, see admin.py
AXES_VERBOSE = False
# W006 warns of locking by user name alone; that is what is wanted: all browsers and networks count together
SILENCED_SYSTEM_CHECKS = ["axes.W006"]
