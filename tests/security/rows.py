# ruff: noqa: E501 — a rule is a sentence
"""The rules that the server keeps, by the row of its checklist: the list in `docs/security.md` and in the tests' names.

A test belongs to a row by its name: `test_s34_…`, `test_s80_s82_…`. `also` names tests of a row without it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """A rule: its number, its sentence, and its source."""

    number: int
    rule: str
    source: str
    also: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """`"S01"`."""
        return f"S{self.number:02}"


_TEMPLATE, _ROLES = "tests/infra/test_template.py::", "tests/infra/test_roles_of_functions.py::"

SECTIONS: dict[str, tuple[Row, ...]] = {
    "Authorization endpoint": (
        Row(1, "Only the registered redirect URI, compared as a string, gets a response; any other gets a page of this server.", "RFC 9700 §4.1.3"),
        Row(2, "If an app registered several redirect URIs, the request has to choose one.", "RFC 6749 §3.1.2.3"),
        Row(3, "An unknown client_id gets a page; its text never becomes markup or a table's key.", "RFC 6749 §4.1.2.1"),
        Row(4, "A redirect URI that could lead elsewhere, run a script or be read in two ways can't be registered.", "RFC 9700 §2.6"),
        Row(5, "A native app may choose its loopback port, that of localhost only where none is registered, and nothing else.", "RFC 8252 §7.3"),
        Row(6, "A response type that is missing, unknown, or not the app's is an error without a code.", "RFC 6749 §3.1.1"),
        Row(7, "A parameter counts only if it is sent once; duplicates are read from the raw query string.", "RFC 6749 §3.1"),
        Row(8, "A scope is narrowed to what app and user may have, and the token response says so; if nothing is left it is an error.", "RFC 6749 §3.3"),
        Row(9, "state is returned byte for byte, and only if it was sent.", "RFC 6749 §4.1.2"),
        Row(10, "Every response to an app has the issuer of the metadata.", "RFC 9207 §2"),
        Row(11, "An error redirect has no code or token, and only characters that the RFC allows.", "RFC 6749 §4.1.2.1"),
        Row(12, "Every redirect is a 303: a posted form is never posted on.", "RFC 9700 §4.12"),
        Row(13, "Nobody is redirected to an app before signing in, unless the app sent prompt=none.", "RFC 9700 §4.11.2"),
        Row(14, "Request objects are refused, and no URL in a request is fetched but that of a metadata document.", "RFC 9101 §10.4"),
        Row(16, "HEAD and every method but GET and POST do nothing, and no other origin may read a response.", "RFC 9700 §2.6"),
        Row(19, "Markup in any parameter stays text on every page.", "ASVS V1"),
        Row(21, "A deleted app gets a page; its codes, refresh tokens and access tokens are void.", "RFC 6819 §5.2.2.4"),
        Row(139, "A redirect URI can be read in one way only: no parameter name of a response, no broken percent-encoding, no port 0, no number as host.", "RFC 6749 §3.1.2"),
        Row(140, "A response uses the requested mode; an unsupported mode is an error in the default mode.", "OAuth 2.0 Multiple Response Types §2.1"),
        Row(150, "A redirect URI that is refused is shown as text and never linked, and only the app's owner, signed in, is told what is registered and how it differs.", "RFC 9700 §4.1.3"),
    ),
    "Sign-in, session, consent": (
        Row(22, "A sign-in form works only in the browser that it was shown to: nobody is signed in to somebody else's account.", "RFC 9700 §4.7"),
        Row(23, "A form of another user, without its token, or from another origin grants nothing.", "RFC 6819 §4.4.1.9"),
        Row(24, "Exactly what the consent page showed is granted, from the server's record, whatever the form says.", "ASVS 10.7.1"),
        Row(25, "A consent page works only in the session that it was shown in.", "RFC 6819 §4.4.1.9"),
        Row(26, "Deny returns access_denied to the app and is not remembered.", "RFC 6749 §4.1.2.1"),
        Row(27, "Signing in creates a new session id; an earlier or planted one is worthless.", "ASVS V7"),
        Row(28, "Session cookies have 256 random bits and are __Host-, HttpOnly, Secure and SameSite=Lax.", "ASVS V3"),
        Row(29, "No page may be framed; scripts and styles are allowed by hash only.", "RFC 9700 §4.16"),
        Row(30, "Pages and redirects may not be cached, sniffed or leaked as referrers, and load nothing from elsewhere.", "RFC 9700 §4.2.4"),
        Row(31, "After sign-in the browser stays on this server, whatever the target says or looks like.", "RFC 9700 §4.11"),
        Row(32, "A wrong password and an unknown user get the same response.", "ASVS V6"),
        Row(33, "And they take the same work: without a stored hash, one is computed anyway.", "ASVS V6"),
        Row(34, "Failed sign-ins make their name and network wait, at the page and the password grant alike, and nobody else.", "RFC 6749 §4.3.2"),
        Row(35, "After sign-out a copy of the cookie is dead.", "ASVS V7"),
        Row(36, "An approval is remembered for its app and scope only, and never for an app that can't authenticate.", "RFC 6749 §10.2"),
        Row(38, "The consent page names the app, the user, the scopes and the redirect's target.", "ASVS 10.7.2"),
        Row(121, "A remembered approval is void once the app looks different or is deactivated, or the account's grants are voided.", "RFC 6749 §10.2"),
        Row(137, "Of several responses to one page exactly one counts.", "RFC 6749 §4.1.2"),
    ),
    "Authorization code and PKCE": (
        Row(39, "A replayed code revokes everything issued from it, refreshed tokens too, and nothing else; for a doubled callback see S141.", "RFC 6749 §4.1.2"),
        Row(40, "Of any number of parallel uses of a code at most one gets tokens.", "RFC 6749 §10.5"),
        Row(41, "A code without everything that it is bound to changes nothing: old codes sign nobody out.", "OAuth 2.1 §4.1.3"),
        Row(42, "The redirect URI of the token request equals that of the authorization request, and is absent only if that was.", "RFC 6749 §4.1.3"),
        Row(43, "A code is void after 60 seconds, although its record is kept.", "RFC 6749 §4.1.2"),
        Row(44, "Anything but the code itself is worthless.", "RFC 6819 §4.4.1.3"),
        Row(45, "A public app has to send a code challenge.", "RFC 9700 §2.1.1"),
        Row(46, "Only the challenge's verifier redeems the code; a wrong one looks like a wrong code and uses nothing up.", "RFC 7636 §4.6"),
        Row(47, "A verifier for a code without a challenge is an error, and the method can't be changed afterwards.", "RFC 9700 §4.8.2"),
        Row(48, "S256 is the only challenge method, and has to be named.", "RFC 9700 §2.1.1"),
        Row(49, "A challenge is 43 characters of base64url, or an error.", "RFC 7636 §4.2"),
        Row(120, "A response and a code are for what the app still may have, and for a redirect URI that is still its own.", "RFC 6749 §4.1.3"),
        Row(141, "A doubled callback leaves the first tokens valid, with PKCE and within the retry window; any other replay revokes the grant.", "RFC 6749 §4.1.2"),
    ),
    "Client authentication": (
        Row(50, "Key and secret are read from the header, form-decoded, or from the body.", "RFC 6749 §2.3.1"),
        Row(51, "Two methods at once are an error; naming the same app twice is not.", "RFC 6749 §2.3"),
        Row(52, "A wrong secret and an unknown app get the same 401, and use no code up.", "RFC 6749 §5.2"),
        Row(53, "An unreadable header, or two of them, is an error, and nothing else is tried.", "RFC 7617 §2"),
        Row(55, "Credentials are never read from the query string.", "RFC 6749 §2.3.1"),
        Row(56, "An app with a secret has to present it, whatever it requests.", "ASVS 10.4.10"),
        Row(57, "A public app only names itself; an invented secret is an error.", "RFC 6749 §3.2.1"),
        Row(58, "Two secrets may be valid at once; a revoked one is denied at once, or `app_cache_seconds` later if that is set.", "RFC 6819 §5.2.3.6"),
        Row(59, "Secrets have 256 random bits, are compared as hashes in constant time, and wrong ones slow their network.", "RFC 6749 §10.10"),
    ),
    "Other grants": (
        Row(60, "An app uses the grants that its owner ticked and no other.", "RFC 6749 §5.2"),
        Row(61, "A grant type that is missing, unknown or misspelled is an error.", "RFC 6749 §5.2"),
        Row(62, "client_credentials is for apps with a secret, and issues an access token of the app itself, without a user.", "RFC 6749 §4.4"),
        Row(63, "The password grant does not reveal who exists, and needs the app's secret too.", "RFC 6749 §4.3"),
        Row(64, "Responses and errors of the implicit grant are in the fragment, short-lived and without a refresh token.", "RFC 6749 §4.2.2"),
        Row(65, "The server assigns ids, so no app can be taken for a user.", "RFC 9700 §4.15"),
    ),
    "Refresh tokens": (
        Row(66, "Every refresh issues a new refresh token.", "RFC 9700 §2.2.2"),
        Row(67, "A refresh token used again after the retry window revokes its family and nothing else.", "RFC 9700 §4.14.2"),
        Row(68, "Parallel refreshes get one successor: the chain never forks, and an honest retry signs nobody out.", "RFC 9700 §4.14.2"),
        Row(69, "A refreshed scope is never wider than granted; an error uses nothing up.", "RFC 6749 §6"),
        Row(70, "Another app's refresh token is worthless and revokes nothing.", "RFC 6749 §10.4"),
        Row(71, "Only a refresh token of this server is accepted; its MAC has 256 bits.", "RFC 6819 §4.5.3"),
        Row(72, "A refresh token expires when idle too long, and absolutely, which refreshing does not extend.", "RFC 9700 §4.14.2"),
        Row(73, "Revocation, withdrawn consent, a stopped app or account, and a new password if so chosen, end refreshing.", "RFC 9700 §4.14.2"),
    ),
    "Revocation and introspection": (
        Row(74, "An app can revoke its tokens whatever the hint says; a refresh token takes its access tokens along.", "RFC 7009 §2"),
        Row(75, "Nobody revokes another app's tokens, or any without authenticating.", "RFC 7009 §2.1"),
        Row(76, "Introspection responds only to authenticated apps.", "RFC 7662 §2.1"),
        Row(77, "A token that is not valid is inactive and nothing more; a valid one reveals no secret.", "RFC 7662 §2.2"),
        Row(136, "Any text as a token is an unknown token, not a malformed request.", "RFC 7662 §2.2"),
    ),
    "Access tokens": (
        Row(78, "A token without a signature, or with another one, is denied.", "RFC 8725 §2.1"),
        Row(79, "The algorithm is the key's: no MAC made with public data is accepted.", "RFC 8725 §2.1"),
        Row(80, "A key in a token or referred to by it is neither used nor fetched; critical headers are denied.", "RFC 8725 §3.10"),
        Row(81, "Times must be present, whole numbers and valid, with at most the leeway.", "RFC 9068 §4"),
        Row(82, "Only access tokens of this issuer, for this audience, with every claim, are access tokens.", "RFC 9068 §2"),
        Row(83, "A changed or malformed token is denied, and respelling a revoked one does not help.", "RFC 8725 §3.3"),
        Row(84, "A token counts only in a single Authorization header of the Bearer scheme.", "RFC 6750 §2"),
        Row(85, "A route opens only for a token with its scope.", "RFC 6750 §3.1"),
        Row(86, "A cached decision belongs to one token and one route.", "Amazon API Gateway, Lambda authorizers", (_TEMPLATE + "test_a_cached_decision_belongs_to_one_token_and_one_route",)),
        Row(87, "A revoked token is denied within the stated bound; what the authorizer can't decide it denies.", "RFC 6750 §3.1"),
        Row(88, "The key set has public keys only, and an old key until its last token has expired; unknown keys cause no storm of reads.", "RFC 7517 §9.3"),
        Row(127, "whoami says whose token it is and no role.", "RFC 9700 §2.3"),
        Row(142, "A token bound to a key is no bearer token to any verifier.", "RFC 7800 §3.1"),
    ),
    "Tokens for the API that they are meant for": (
        Row(200, "A token for one API is denied by every other verifier, an approval at one API does not count at another, and introspection names the API.", "RFC 8707 §2, RFC 9068 §4"),
        Row(201, "A resource that is unknown, relative, of another grant, or one of several in a token request is invalid_target; every spelling gives one audience.", "RFC 8707 §2"),
        Row(202, "A grant for several resources gives tokens for each, narrowed to its scopes, and for no other.", "RFC 8707 §2.2"),
    ),
    "App management": (
        Row(89, "Another owner's app seems not to exist, for reading and changing, whatever the id.", "ASVS V8"),
        Row(90, "Owner, status, ids, secrets and roles can't be set through an app's form or document.", "ASVS V15"),
        Row(91, "A session changes nothing without a form of this session, and opens nothing of the JSON API; opening a page changes nothing.", "ASVS V3"),
        Row(92, "No body breaks the JSON API, and input is text everywhere.", "ASVS V1"),
        Row(93, "A secret is shown once, its hash never.", "RFC 6819 §5.1.4.1.3"),
        Row(220, "Counts hold an app, a day and a number, and nothing about a person; administrators see those of all apps, an owner those of the own app.", "ASVS V14"),
        Row(119, "An app has for itself what an administrator granted, from users what is unrestricted or was marked, and nothing that its owner may not have.", "RFC 6749 §3.3"),
        Row(151, "What an owner and the log are told of a refused request holds no code, token, secret, verifier or password, and nothing that an owner must not tell apart.", "ASVS V16"),
        Row(152, "Strangers can neither fill the problems of an app nor push out what the app itself caused: there are four for each reason and sender, and one write in ten seconds.", "RFC 6749 §10.10"),
        Row(153, "The problems of an app are its owner's alone, and administrators' where nobody owns it; markup in them stays text, and they go with the app, with the account, and seven days after the last time.", "ASVS V8"),
        Row(154, "A problem that can't be noted changes no response, and a success notes none.", "ASVS V16"),
    ),
    "HTTP": (
        Row(94, "A body of another type than a form is an error.", "RFC 6749 §3.2"),
        Row(96, "Invalid UTF-8, control characters and other malformed bodies are errors of the client.", "RFC 6749 App. B"),
        Row(97, "Tokens are issued, revoked and introspected by POST only.", "RFC 6749 §3.2"),
        Row(98, "Issuer, links and redirects come from the configuration, never from a header.", "RFC 9700 §4.13"),
        Row(99, "Responses with tokens are JSON, may not be cached and set no cookie; no value is issued twice.", "RFC 6749 §5.1"),
        Row(100, "No other origin may read a page, an introspection or the consumer API.", "RFC 9700 §2.6"),
        Row(210, "No cookie changes what scripts of any origin may read, and no response allows them to send one.", "Fetch Standard §3.2"),
        Row(211, "No other origin may read a response of the password or client credentials grant, nor its errors: no page makes its visitors guess.", "RFC 6749 §10.10"),
        Row(212, "Where origins are named, no other origin may read anything.", "Amazon API Gateway, CORS"),
        Row(102, "A parameter sent twice is an error at every endpoint.", "RFC 6749 §3.2"),
        Row(103, "The metadata says what the server does, and nothing else.", "RFC 8414 §2"),
        Row(131, "Headers and cookies are trimmed of spaces and tabs only, and a repeated cookie of this host is an error.", "RFC 6265 §5.4, RFC 9110 §5.6.3"),
    ),
    "OpenID Connect": (
        Row(203, "An ID token is never taken for an access token, and no other token for an ID token.", "RFC 8725 §3.11, RFC 9068 §4"),
        Row(204, "An id_token_hint that this server did not sign for the app is as good as another user's.", "OpenID Connect Core §3.1.2.1"),
        Row(205, "A request for one user never gets a code for another, and prompt=none shows nothing and signs nobody in.", "OpenID Connect Core §3.1.2.1"),
        Row(206, "prompt=login and max_age are about the last sign-in, which auth_time tells.", "OpenID Connect Core §3.1.2.1"),
        Row(207, "A nonce is kept with the code, comes once, and only in that code's ID token.", "OpenID Connect Core §3.1.3.7"),
        Row(208, "An error of prompt=none goes to a proven redirect URI or nowhere.", "RFC 9700 §4.11.2"),
        Row(209, "A posted response is escaped in a form to the proven redirect URI alone, cached nowhere, and works without a script.", "OAuth 2.0 Form Post Response Mode"),
        Row(219, "A post to the authorization endpoint from elsewhere is an authorization request and approves nothing.", "OpenID Connect Core §3.1.2.1"),
        Row(230, "The claims parameter gives no more than the granted scopes do, replaces no claim of the token, and gets nobody else signed in.", "OpenID Connect Core §5.5"),
        Row(213, "Userinfo opens to a user's living token for this server with openid, in the header alone.", "OpenID Connect Core §5.3, RFC 6750 §2"),
        Row(215, "A deployment's own claims replace none of the server's and misstate no account; code that fails, is slow or returns anything else gets no token and uses nothing up.", "RFC 9068 §2.2, RFC 7519 §4.1"),
        Row(330, "A session ends only by its user's word, or by an ID token that an app got for that user; a post from elsewhere is no word.", "RP-Initiated Logout §2, §6"),
        Row(331, "A logout leads only to a registered URI of the app that a genuine ID token names, else to a page of this server.", "RP-Initiated Logout §3, §6"),
        Row(340, "Every app that an ended session signed in to is told; no sign-in slips past the end of its session, and no failure loses the logout.", "Back-Channel Logout §2.5"),
        Row(341, "A logout token is signed, has its own type and no nonce, and is taken for no other token.", "Back-Channel Logout §2.4, §4"),
        Row(342, "A session ends at once, whether apps can be told or not.", "ASVS V7"),
        Row(343, "An app is told at the URL that it has now and while it works, and nowhere in a network that is not public.", "OWASP, Server Side Request Forgery Prevention"),
        Row(363, "Apps that hang hold back no other app's first notice: retries, strangers, and owners whose apps failed have a queue of their own, and a stranger has two tries.", "OWASP API4:2023"),
        Row(375, "A server that failed gets one notice at a time, after pauses that double, and nobody closes a host to the apps of others.", "AWS Well-Architected, Reliability"),
        Row(216, "An ID token is signed with RS256, or what its app is registered for, and a code is not used up while there is no key for it.", "OpenID Connect Core §15.1"),
    ),
    "Apps that register themselves": (
        Row(225, "An app that registers itself never gets the grants password and implicit, a restricted scope or a redirect URI that nobody else may register, and nothing that it names is fetched.", "RFC 7591 §5"),
        Row(226, "Registrations are limited by network and altogether, end when nobody uses them, and are managed with their own token alone.", "RFC 7591 §5, RFC 7592 §5"),
        Row(228, "The scope of a registration is a default: the app may ask for more, and people consent to it.", "RFC 7591 §2"),
    ),
    "Accounts and guesses": (
        Row(218, "A group is a short text of a closed alphabet that administrators alone give, and a refreshed token carries the groups of then.", "ASVS V8"),
        Row(118, "No bearer token, and no session without the password, changes an address; the old one is told, recovers the account until the new one is confirmed, and what the owner does voids links requested before.", "ASVS V6"),
        Row(122, "Deactivating an account ends its sessions, links, known browsers and approvals for good, also if it is activated again.", "ASVS V7"),
        Row(123, "Choosing a new password by mail ends every session, and every grant unless the user says otherwise.", "ASVS V7"),
        Row(124, "Guesses made elsewhere never stop the owner's own browser, nor in the account pages.", "OWASP, device cookies"),
        Row(125, "The last active administrator can't be demoted, deactivated or deleted, also not concurrently.", "ASVS V8"),
        Row(126, "A sign-in that an app demands happens after the demand: going back does not count.", "OpenID Connect Core §3.1.2.1"),
        Row(240, "Only administrators search or export the audit list; an export is an entry.", "ASVS V8, V16"),
        Row(241, "A cell of an export that a spreadsheet would compute is text.", "OWASP, CSV Injection; ASVS V1"),
        Row(242, "An entry of the audit list has no secret, password, code, e-mail address, or value of a URL's query.", "ASVS V16"),
        Row(243, "An erased user has no name, address or phrase of their own in any list of the audit log, nor in an export.", "ASVS V14"),
        Row(128, "The feed records once what was valid and ended; whoever has nothing to revoke writes nothing.", "ASVS V2"),
        Row(132, "An attempt is counted before it is checked, so simultaneous guesses share the free ones.", "RFC 6749 §4.3.2"),
        Row(133, "Mails to an address and for a network are counted, registration and recovery apart, and the response stays the same.", "ASVS V6"),
        Row(180, "What an administrator ends of another account ends as by its owner, is audited with who did it, and nobody else can.", "ASVS V8"),
        Row(181, "Of a browser's header only a name out of a closed set is kept and shown.", "ASVS V8"),
        Row(182, "A secret's label is text, is never the secret, and a secret's end is asked for on a page that shows its last use.", "ASVS V5"),
        Row(183, "A changed password is told to the confirmed address, and no mail that is not taken undoes or delays a change.", "ASVS V6"),
        Row(138, "A wrong secret stays invalid_client with its challenge, however often it was tried; the network is told when to retry.", "RFC 6749 §5.2"),
    ),
    "The published list of revocations": (
        Row(310, "A reader of the list goes on without it for revocation_max_stale, then denies; a list that is old, older than before, truncated, malformed or another issuer's counts as none.", "RFC 8414 §3.3"),
        Row(311, "The list reveals neither token, nor user, nor app, to anybody who has no token of theirs.", "ASVS V14"),
        Row(312, "A flood of requests for the list is throttled and cached, and costs the readers of the feed nothing.", "ASVS V2"),
    ),
    "Requests to URLs of apps": (
        Row(221, "A URL that somebody gave is fetched by https at the default port from public addresses alone, in no other spelling; the name is resolved once, and the address that was checked is the one connected to.", "OWASP, Server Side Request Forgery Prevention"),
        Row(222, "A document counts for a bounded time and is fetched again; other redirect URIs or another name void what was approved, and what administrators decided stays.", "OAuth Client ID Metadata Document §4.4"),
        Row(223, "A document is fetched at the authorization endpoint alone, for somebody who has signed in, and only so often for an account, a network and altogether.", "OAuth Client ID Metadata Document §6.5"),
        Row(224, "The consent page of an app that nobody vouches for says so, with the hosts of redirect and document first, and warns if any program on the computer could be the app; it is shown each time, and restricted scopes are not on it.", "OAuth Client ID Metadata Document §6, RFC 8252 §8.6"),
        Row(227, "The first request for an authorization page changes nothing: a program may send it before the browser.", "RFC 9110 §9.2.1"),
        Row(229, "A fetch follows no redirect, uses no proxy, needs a valid certificate and TLS 1.2, and is limited in time and size, however slowly the other side sends.", "RFC 9700 §4.12, BCP 195"),
        Row(231, "URLs are fetched by a function whose role reaches nothing, which checks its event, and which only functions that fetch may invoke; its failure is a failure of the fetch.", "AWS Well-Architected, Security"),
        Row(232, "A metadata document is an app only by a plain URL and a small JSON object that names this URL, by the policy and the domains of the deployment; anything else ends on a page, and nothing of it is kept.", "OAuth Client ID Metadata Document §3, §4"),
    ),
    "Storage, operation, AWS": (
        Row(104, "No secret is in a log, also not at DEBUG or in a failure.", "RFC 6819 §4.6.7"),
        Row(105, "Tables and indexes hold hashes and no secret that opens anything, nor do their keys.", "RFC 6819 §5.1.4.1.3"),
        Row(106, "When an AWS call fails, the response is an OAuth error that fails closed, and a retry works.", "RFC 6749 §4.1.2.1"),
        Row(107, "A failure between the steps of a flow leaves no tokens without their record and no second chain.", "RFC 6749 §10.5"),
        Row(108, "The same request twice has one effect.", "AWS Lambda, idempotency"),
        Row(109, "A write whose response was lost is not taken for a replay, nor a conflict for a denial.", "Amazon DynamoDB, transactions"),
        Row(110, "A clock that is off or steps back harms nothing beyond the leeway.", "RFC 9068 §4"),
        Row(111, "What has expired is treated as absent while it is still in the table.", "Amazon DynamoDB, TTL"),
        Row(112, "Decisions are based on consistent reads of tables, never on an index.", "Amazon DynamoDB, read consistency"),
        Row(113, "A warm function keeps nothing of the previous request but in bounded caches, keyed by value.", "AWS Lambda, execution environment"),
        Row(114, "Without keys nothing is signed and nothing used up; a rotation denies no valid token.", "RFC 7517 §9.3"),
        Row(
            115,
            "Routes, roles, tables, logs and limits are deployed as the code needs them and no wider.",
            "AWS Well-Architected, Security",
            (
                *(
                    _ROLES + each
                    for each in (
                        "test_each_role_holds_what_its_specification_says_and_nothing_else",
                        "test_no_role_has_a_wildcard_but_for_tracing",
                        "test_the_authorizer_can_write_nothing_and_introspection_problems_of_apps_alone",
                        "test_only_the_functions_that_sign_read_the_private_keys",
                    )
                ),
                *(
                    _TEMPLATE + each
                    for each in (
                        "test_every_route_but_those_of_the_named_public_functions_has_the_authorizer",
                        "test_every_route_has_its_limit",
                        "test_every_table_is_on_demand_encrypted_recoverable_protected_and_forgets",
                        "test_logs_are_kept_as_long_as_the_setting_says",
                        "test_functions_end_before_the_api_stops_waiting",
                        "test_api_gateway_configures_cors_for_named_origins_only_and_never_with_credentials",
                    )
                ),
            ),
        ),
        Row(116, "An event means the same however API Gateway writes it, and a body is measured after decoding.", "Amazon API Gateway, payload format 2.0"),
        Row(117, "No input makes a parser raise anything but its declared error.", "ASVS V1"),
        Row(129, "Behind the edge only requests from the edge are served, each viewer has its own address, and the edge's secret is replaced without a gap.", "ASVS V13, RFC 6749 §10.10"),
        Row(130, "A role writes the partitions and attributes that its function needs: only the rotation publishes keys, only registration writes logins.", "AWS Well-Architected, Security"),
        Row(134, "Bytes after an AWS response are never the next one's, and an error is read as the SDK reads it.", "RFC 9112 §6.3"),
        Row(135, "No local server responds to another name than its own, and the local AWS serves no browser.", "ASVS V3, OWASP DNS rebinding"),
    ),
}  # fmt: skip

ROWS: tuple[Row, ...] = tuple(row for rows in SECTIONS.values() for row in rows)
