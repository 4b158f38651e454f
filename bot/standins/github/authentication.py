"""Who sends a request, and whether they may: tokens of the App and of installations, permissions, repositories."""

from dataclasses import replace

import jwt

from bot.standins.github.model import Installation, Repository, Token
from bot.standins.github.routes import NOT_ALLOWED, Call, Refused, Route, not_found
from bot.standins.github.stand_in import StandIn

LEVELS = ("none", "read", "write", "admin")


def authenticate(call: Call, route: Route, authorization: str) -> Call:
    """The call with its token, installation and repository. Raises Refused."""
    if route.anyone:
        return call
    scheme, _, credential = authorization.partition(" ")
    if scheme.lower() not in ("bearer", "token") or not credential:
        raise Refused(401, "Requires authentication")
    if route.app:
        _verify_app(call.github, credential)
        return call
    token = call.github.tokens.get(credential)
    if token is None or not token.usable_from <= call.github.now() < token.expires:
        raise Refused(401, "Bad credentials")
    installation = call.github.installations.get(token.installation)
    if installation is None:
        raise Refused(401, "Bad credentials")
    if installation.suspended_at:
        raise Refused(403, "This installation has been suspended")
    repository = _repository_of(call, route, token, installation)
    return replace(call, token=token, repository=repository, installation=installation)


def _repository_of(call: Call, route: Route, token: Token, installation: Installation) -> Repository | None:
    """The repository of the path. Raises Refused if this token may not use it."""
    if "repo" not in call.parameters:
        _permitted(route, token, installation)
        return None
    name = f"{call.parameters['owner']}/{call.parameters['repo']}"
    repository = call.github.find_repository(name)
    if repository is None:
        moved = call.github.moved(name)
        if moved is None:
            raise not_found()
        rest = call.path.split("/", 4)[4:]
        location = "/".join([f"{call.github.url}/repositories/{moved.id}", *rest])
        raise Refused(301 if call.method == "GET" else 307, "Moved Permanently", headers={"Location": location})
    if repository.id in token.repositories and call.github.sees(installation, repository):
        _permitted(route, token, installation)
        return repository
    if repository.private:
        raise not_found()
    if call.method != "GET":
        raise Refused(403, NOT_ALLOWED)
    return repository


def _permitted(route: Route, token: Token, installation: Installation) -> None:
    """Raises Refused unless the token has one of the permissions and the installation still grants it."""
    for name, level in route.permissions:
        if min(_rank(token.permissions, name), _rank(installation.permissions, name)) >= LEVELS.index(level):
            return
    if route.permissions:
        accepted = "; ".join(f"{name}={level}" for name, level in route.permissions)
        raise Refused(403, NOT_ALLOWED, headers={"X-Accepted-GitHub-Permissions": accepted})


def _rank(permissions: dict[str, str], name: str) -> int:
    return LEVELS.index(permissions.get(name, "read" if name == "metadata" else "none"))


def _verify_app(github: StandIn, credential: str) -> None:
    try:
        claims = jwt.decode(
            credential,
            github.public_key,
            algorithms=["RS256"],
            options={"verify_exp": False, "verify_iat": False, "require": ["exp", "iat", "iss"]},
        )
    except jwt.InvalidTokenError as error:
        raise Refused(401, "A JSON web token could not be decoded") from error
    if str(claims["iss"]) != str(github.app_id):
        raise Refused(401, "'Issuer' claim ('iss') must be an Integer")
    now = github.now()
    if claims["iat"] > now:
        raise Refused(
            401, "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued"
        )
    if claims["exp"] <= now:
        raise Refused(
            401,
            "'Expiration time' claim ('exp') must be a numeric value representing the future time at which it expires",
        )
    if claims["exp"] - claims["iat"] > 600 or claims["exp"] > now + 600:
        raise Refused(401, "'Expiration time' claim ('exp') is too far in the future")
