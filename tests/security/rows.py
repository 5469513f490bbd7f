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


_TEMPLATE = "tests/infra/test_template.py::"

SECTIONS: dict[str, tuple[Row, ...]] = {
    "Authorization endpoint": (
        Row(1, "Only the registered redirect URI, letter for letter, ever gets an answer; any other spelling gets a page of this server.", "RFC 9700 §4.1.3"),
        Row(2, "Where an app registered several redirect URIs, the request has to choose one.", "RFC 6749 §3.1.2.3"),
        Row(3, "A client_id that names no app gets a page, and its text never becomes markup or a key of a table.", "RFC 6749 §4.1.2.1"),
        Row(4, "A redirect URI that could lead elsewhere, run a script or be read in two ways can't be registered.", "RFC 9700 §2.6"),
        Row(5, "A native app may choose the port of its loopback address, and nothing else of it.", "RFC 8252 §7.3"),
        Row(6, "A response type that is missing, unknown, or not the app's goes back as an error without a code.", "RFC 6749 §3.1.1"),
        Row(7, "A parameter counts only if it is sent once; duplicates are read from the raw query string.", "RFC 6749 §3.1"),
        Row(8, "A scope is cut down to what app and user may have, and said in the token answer; if nothing is left it is an error.", "RFC 6749 §3.3"),
        Row(9, "state comes back as it was sent, and not at all if it was not.", "RFC 6749 §4.1.2"),
        Row(10, "Every answer to an app names the issuer, the one of the metadata.", "RFC 9207 §2"),
        Row(11, "An error redirect carries no code or token, and only characters that the standard allows.", "RFC 6749 §4.1.2.1"),
        Row(12, "Every redirect is a 303: a form that was posted is never posted on.", "RFC 9700 §4.12"),
        Row(13, "Nobody is sent to an app before they signed in, unless the app asked for just that with prompt=none.", "RFC 9700 §4.11.2"),
        Row(14, "Request objects are ignored, and no address of a request is ever fetched.", "RFC 9101 §10.4"),
        Row(16, "HEAD and every method but GET and POST do nothing, and no other origin may read an answer.", "RFC 9700 §2.6"),
        Row(19, "Markup in any parameter stays text on every page.", "ASVS V1"),
        Row(21, "A deleted app gets a page; its codes, refresh tokens and access tokens end.", "RFC 6819 §5.2.2.4"),
        Row(139, "A redirect URI can be read in one way: no name that an answer carries, no half octet, no port 0, no number for a host.", "RFC 6749 §3.1.2"),
        Row(140, "An answer travels in the mode that was asked for; one that is not offered is refused in the default mode.", "OAuth 2.0 Multiple Response Types §2.1"),
    ),
    "Sign-in, session, consent": (
        Row(22, "A sign-in form works only in the browser that it was shown to: nobody is signed in to somebody else's account.", "RFC 9700 §4.7"),
        Row(23, "A form of another user, without its token, or from another origin grants nothing.", "RFC 6819 §4.4.1.9"),
        Row(24, "What the consent page showed is what is granted: it is kept on the server, whatever the form says.", "ASVS 10.7.1"),
        Row(25, "A consent page answers only in the session that it was shown in.", "RFC 6819 §4.4.1.9"),
        Row(26, "Deny goes back to the app as access_denied and is not remembered.", "RFC 6749 §4.1.2.1"),
        Row(27, "Signing in makes a new session id; one that was there before, or was planted, is nobody.", "ASVS V7"),
        Row(28, "Session cookies have 256 random bits and are __Host-, HttpOnly, Secure and SameSite=Lax.", "ASVS V3"),
        Row(29, "No page may be framed, and scripts and styles are allowed by their hash only.", "RFC 9700 §4.16"),
        Row(30, "Pages and redirects may not be kept, sniffed or told on to others, and load nothing from elsewhere.", "RFC 9700 §4.2.4"),
        Row(31, "After signing in one stays on this server, whatever the target says and whatever it is called.", "RFC 9700 §4.11"),
        Row(32, "A wrong password and an unknown user get the same answer.", "ASVS V6"),
        Row(33, "And it takes the same work: without a hash, a hash is computed all the same.", "ASVS V6"),
        Row(34, "Failed sign-ins make a name and a network wait, at the page and at the password grant alike, and nobody else.", "RFC 6749 §4.3.2"),
        Row(35, "After signing out a copy of the cookie is dead.", "ASVS V7"),
        Row(36, "An approval is remembered for its app and scope only, and never for an app that can't prove itself.", "RFC 6749 §10.2"),
        Row(38, "The consent page names the app, the user, the scopes and where one goes afterwards.", "ASVS 10.7.2"),
        Row(121, "A remembered approval ends with what people were shown of the app, with its deactivation and with the grants of the account.", "RFC 6749 §10.2"),
        Row(137, "Of several answers to one page exactly one counts.", "RFC 6749 §4.1.2"),
    ),
    "Authorization code and PKCE": (
        Row(39, "A code that is used again ends everything that it brought, also what was refreshed from it, and nothing else; for a callback that comes twice see S141.", "RFC 6749 §4.1.2"),
        Row(40, "Of any number of parallel uses of a code at most one gets tokens.", "RFC 6749 §10.5"),
        Row(41, "Whoever presents a code without everything that belongs to it changes nothing: old codes sign nobody out.", "OAuth 2.1 §4.1.3"),
        Row(42, "The redirect URI of the token request is that of the authorization request, and is missing only if it was.", "RFC 6749 §4.1.3"),
        Row(43, "A code is void after 60 seconds, though its record is kept.", "RFC 6749 §4.1.2"),
        Row(44, "Anything but the code itself opens nothing.", "RFC 6819 §4.4.1.3"),
        Row(45, "A public app has to send a code challenge.", "RFC 9700 §2.1.1"),
        Row(46, "Only the verifier of the challenge redeems the code; a wrong one looks like a wrong code and uses nothing up.", "RFC 7636 §4.6"),
        Row(47, "A verifier for a code without a challenge is refused, and the method can't be changed afterwards.", "RFC 9700 §4.8.2"),
        Row(48, "S256 is the only challenge method, and has to be named.", "RFC 9700 §2.1.1"),
        Row(49, "A challenge is 43 characters of base64url, or an error.", "RFC 7636 §4.2"),
        Row(120, "An answer and a code are for what the app still may have, and for a redirect URI that is still its own.", "RFC 6749 §4.1.3"),
        Row(141, "A callback that comes twice leaves the tokens of the first alive, with PKCE and within the retry window; any other replay ends the grant.", "RFC 6749 §4.1.2"),
    ),
    "Client authentication": (
        Row(50, "Key and secret are read from the header, form-decoded, or from the body.", "RFC 6749 §2.3.1"),
        Row(51, "Two ways at once are an error; naming the same app twice is none.", "RFC 6749 §2.3"),
        Row(52, "A wrong secret and an unknown app get the same 401, and use no code up.", "RFC 6749 §5.2"),
        Row(53, "A header that can't be read, or two of them, is refused and nothing else is tried.", "RFC 7617 §2"),
        Row(55, "Nothing is read from the query string.", "RFC 6749 §2.3.1"),
        Row(56, "An app that has a secret has to show it, whatever it asks for.", "ASVS 10.4.10"),
        Row(57, "A public app only names itself; an invented secret is refused.", "RFC 6749 §3.2.1"),
        Row(58, "Two secrets may live side by side; one that was ended is refused at once.", "RFC 6819 §5.2.3.6"),
        Row(59, "Secrets have 256 random bits, are compared as hashes in constant time, and wrong ones slow their network.", "RFC 6749 §10.10"),
    ),
    "Other grants": (
        Row(60, "An app uses the grants that its owner ticked and no other.", "RFC 6749 §5.2"),
        Row(61, "A grant type that is missing, unknown or spelled differently is an error.", "RFC 6749 §5.2"),
        Row(62, "client_credentials is for apps with a secret, and brings an access token of the app itself, for no user.", "RFC 6749 §4.4"),
        Row(63, "The password grant tells nothing of who exists, and needs the app's secret too.", "RFC 6749 §4.3"),
        Row(64, "Answers and errors of the implicit grant travel in the fragment, short-lived and without a refresh token.", "RFC 6749 §4.2.2"),
        Row(65, "Ids are given by the server, so no app can be taken for a user.", "RFC 9700 §4.15"),
    ),
    "Refresh tokens": (
        Row(66, "Every refresh brings a new refresh token.", "RFC 9700 §2.2.2"),
        Row(67, "One that was used before, later than the retry window, ends its family and nothing else.", "RFC 9700 §4.14.2"),
        Row(68, "Parallel refreshes get one successor: the chain never forks, and an honest retry signs nobody out.", "RFC 9700 §4.14.2"),
        Row(69, "A refreshed scope is never wider than what was granted; a refusal uses nothing up.", "RFC 6749 §6"),
        Row(70, "Another app's refresh token opens nothing and ends nothing.", "RFC 6749 §10.4"),
        Row(71, "Anything but a refresh token of this server opens nothing; its MAC has 256 bits.", "RFC 6819 §4.5.3"),
        Row(72, "A refresh token ends when it is idle too long, and at an absolute end that refreshing does not move.", "RFC 9700 §4.14.2"),
        Row(73, "Revocation, withdrawn consent, a stopped app or account, and a new password if asked, end refreshing.", "RFC 9700 §4.14.2"),
    ),
    "Revocation and introspection": (
        Row(74, "An app can give back its tokens whatever the hint says; a refresh token takes its access tokens along.", "RFC 7009 §2"),
        Row(75, "Nobody revokes another app's tokens, or any without proving who they are.", "RFC 7009 §2.1"),
        Row(76, "Introspection answers only apps that prove themselves.", "RFC 7662 §2.1"),
        Row(77, "What is not a living token is inactive and nothing more is said; of a living one no secret.", "RFC 7662 §2.2"),
        Row(136, "A token of any characters is an unknown one, and no malformed request.", "RFC 7662 §2.2"),
    ),
    "Access tokens": (
        Row(78, "A token without a signature, or with another one, is refused.", "RFC 8725 §2.1"),
        Row(79, "The algorithm is that of the key: no MAC made with what everybody knows is accepted.", "RFC 8725 §2.1"),
        Row(80, "A key that a token brings or points to is neither used nor fetched; critical headers are refused.", "RFC 8725 §3.10"),
        Row(81, "Times have to be there, be whole numbers and hold, with at most the leeway.", "RFC 9068 §4"),
        Row(82, "Only access tokens of this issuer, for this audience, with every claim, are access tokens.", "RFC 9068 §2"),
        Row(83, "A changed or malformed token is refused, and spelling a revoked one differently does not help.", "RFC 8725 §3.3"),
        Row(84, "A token counts only in one Authorization header of the Bearer scheme.", "RFC 6750 §2"),
        Row(85, "A route opens only for a token with its scope.", "RFC 6750 §3.1"),
        Row(86, "A cached decision belongs to one token and one route.", "Amazon API Gateway, Lambda authorizers", (_TEMPLATE + "test_a_cached_decision_belongs_to_one_token_and_one_route",)),
        Row(87, "A revoked token is refused within the stated bound; whatever the authorizer can't decide it denies.", "RFC 6750 §3.1"),
        Row(88, "The key set holds public halves only, and an old key until its last token ended; unknown keys cause no storm of reads.", "RFC 7517 §9.3"),
        Row(127, "whoami says whose token it is and no role.", "RFC 9700 §2.3"),
        Row(142, "A token that is bound to a key is no bearer token to any verifier.", "RFC 7800 §3.1"),
    ),
    "Tokens for the API that they are meant for": (
        Row(200, "A token that was asked for one API is refused by every other verifier, what was allowed at one is asked again at another, and introspection says whose it is.", "RFC 8707 §2, RFC 9068 §4"),
        Row(201, "A resource that is unknown, relative, of another grant, or named beside another one in a request for a token is an invalid target; every spelling gives one audience.", "RFC 8707 §2"),
        Row(202, "A grant for several resources gives tokens for each of them, narrowed to what it takes, and for no other.", "RFC 8707 §2.2"),
    ),
    "App management": (
        Row(89, "Another's app is as if it did not exist, to read and to change, whatever the id.", "ASVS V8"),
        Row(90, "Owner, status, ids, secrets and roles can't be set by who is asked for an app's details.", "ASVS V15"),
        Row(91, "A session changes nothing without the form of this session, and opens nothing of the JSON API; opening a page changes nothing.", "ASVS V3"),
        Row(92, "No body breaks the JSON API, and what people type is text everywhere.", "ASVS V1"),
        Row(93, "A secret is shown once, its hash never.", "RFC 6819 §5.1.4.1.3"),
        Row(119, "An app has for itself what an administrator granted, from users what is not restricted or was marked, and nothing that its owner may not have.", "RFC 6749 §3.3"),
    ),
    "HTTP": (
        Row(94, "A body of another type than a form is refused.", "RFC 6749 §3.2"),
        Row(96, "Octets that are no UTF-8, control characters and other malformed bodies are errors of the client.", "RFC 6749 App. B"),
        Row(97, "Tokens are given, taken back and looked at by POST only.", "RFC 6749 §3.2"),
        Row(98, "Issuer, links and redirects come from the configuration, never from a header.", "RFC 9700 §4.13"),
        Row(99, "Answers with tokens are JSON, may not be kept and set no cookie; no value is ever given twice.", "RFC 6749 §5.1"),
        Row(100, "No other origin may read anything that a session or a token opens.", "RFC 9700 §2.6"),
        Row(102, "A parameter that is sent twice is an error at every endpoint.", "RFC 6749 §3.2"),
        Row(103, "The metadata says what the server does, and nothing else.", "RFC 8414 §2"),
        Row(131, "Headers and cookies are trimmed of spaces and tabs only, and a cookie of this host that comes twice is refused.", "RFC 6265 §5.4, RFC 9110 §5.6.3"),
    ),
    "Accounts and guesses": (
        Row(118, "No bearer token and no session without the password changes an address; the old one is told, recovers the account until the new one is confirmed, and links that were asked for before end with what the owner does.", "ASVS V6"),
        Row(122, "Stopping an account ends its sessions, links, known browsers and approvals for good, also where it works again.", "ASVS V7"),
        Row(123, "Choosing a new password by mail ends every session, and every grant unless the person says otherwise.", "ASVS V7"),
        Row(124, "Guesses made elsewhere never stop the owner's own browser, in the account pages neither.", "OWASP, device cookies"),
        Row(125, "The last active administrator can't be demoted, stopped or deleted, whoever tries at the same moment.", "ASVS V8"),
        Row(126, "A sign-in that an app demands happens after the demand: going back does not pass for one.", "OpenID Connect Core §3.1.2.1"),
        Row(128, "The feed hears of what lives and ends, once; who has nothing to revoke writes nothing.", "ASVS V2"),
        Row(132, "An attempt is counted before it is looked at, so guesses at the same moment share the free ones.", "RFC 6749 §4.3.2"),
        Row(133, "Mails to an address and for a network are counted, registration and recovery apart, and the answer stays the same.", "ASVS V6"),
        Row(138, "A wrong secret stays invalid_client with its challenge, however often it was tried; the network is told when to come back.", "RFC 6749 §5.2"),
    ),
    "Storage, operation, AWS": (
        Row(104, "No secret stands in a log, also not at DEBUG, nor when something breaks.", "RFC 6819 §4.6.7"),
        Row(105, "Tables and indexes hold hashes and no secret, in keys neither.", "RFC 6819 §5.1.4.1.3"),
        Row(106, "When a call of AWS fails the answer is an error of OAuth that fails closed, and a retry works.", "RFC 6749 §4.1.2.1"),
        Row(107, "A failure between the steps of a flow leaves no tokens without their record and no second chain.", "RFC 6749 §10.5"),
        Row(108, "The same request twice has one effect.", "AWS Lambda, idempotency"),
        Row(109, "A write whose answer was lost is not taken for a replay, a conflict not for a refusal.", "Amazon DynamoDB, transactions"),
        Row(110, "A clock that is off or steps back harms nothing beyond the leeway.", "RFC 9068 §4"),
        Row(111, "What has ended is treated as absent though it still stands in the table.", "Amazon DynamoDB, TTL"),
        Row(112, "Decisions rest on consistent reads of tables, never on an index.", "Amazon DynamoDB, read consistency"),
        Row(113, "A warm function keeps nothing of the request before but in bounded caches, keyed by value.", "AWS Lambda, execution environment"),
        Row(114, "Without keys nothing is signed and nothing used up; a rotation refuses no living token.", "RFC 7517 §9.3"),
        Row(
            115,
            "Routes, roles, tables, logs and limits are deployed as the code needs them and no wider.",
            "AWS Well-Architected, Security",
            tuple(
                _TEMPLATE + each
                for each in (
                    "test_every_route_but_those_of_the_named_public_functions_has_the_authorizer",
                    "test_each_role_holds_what_its_specification_says_and_nothing_else",
                    "test_no_role_has_a_wildcard_but_for_tracing",
                    "test_the_authorizer_and_introspection_can_write_nothing",
                    "test_only_the_functions_that_sign_read_the_private_keys",
                    "test_every_route_has_its_limit",
                    "test_every_table_is_on_demand_encrypted_recoverable_protected_and_forgets",
                    "test_logs_are_kept_as_long_as_the_setting_says",
                    "test_functions_end_before_the_api_stops_waiting",
                    "test_cors_is_off_by_default_and_never_carries_credentials",
                )
            ),
        ),
        Row(116, "An event means the same however API Gateway writes it, and a body is measured once it is decoded.", "Amazon API Gateway, payload format 2.0"),
        Row(117, "No input makes a parser raise anything but its declared error.", "ASVS V1"),
        Row(129, "Behind the edge only what the edge sent is answered, each viewer has an address of its own, and the edge's secret is replaced without a gap.", "ASVS V13, RFC 6749 §10.10"),
        Row(130, "A role writes the partitions and attributes that its function needs: only the rotation publishes keys, only registration writes logins.", "AWS Well-Architected, Security"),
        Row(134, "Bytes behind an answer of AWS are never the next one's, and an error is read as the SDK reads it.", "RFC 9112 §6.3"),
        Row(135, "No server of a local run answers to another name than its own, and the local AWS serves no browser.", "ASVS V3, OWASP DNS rebinding"),
    ),
}  # fmt: skip

ROWS: tuple[Row, ...] = tuple(row for rows in SECTIONS.values() for row in rows)
