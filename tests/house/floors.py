"""Imports only go down, no module stands in a circle, and what speaks HTTP stays on its floor."""

from collections.abc import Iterator, Sequence

from tests.house.sources import Import, Module

GROUND = ("booking.db", "booking.clock", "booking.refusals", "booking.settings", "config")
_CHANGING = (
    "booking.services.steps",
    "booking.queries",
    "booking.policy",
    "booking.messages.outbox",
    # What an outbox row becomes and how it reaches somebody: facts and shapes, nothing slow.
    "booking.messages.envelope",
    "booking.messages.reach",
    "booking.models",
    "booking.rules",
    *GROUND,
)
# The first room whose name fits a module is the one it stands in.
MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "booking.web": (
        "booking.web",
        "booking.services",
        "booking.queries",
        "booking.policy",
        "booking.messages.letters",
        "booking.models.kinds",
        "booking.rules",
        *GROUND,
    ),
    "booking.worker": (
        "booking.lanes",
        "booking.services",
        "booking.messages",
        "booking.models.kinds",
        *GROUND,
    ),
    "booking.lanes": ("booking.services", "booking.messages", "booking.models.kinds", *GROUND),
    "booking.services.steps": _CHANGING,
    "booking.services": _CHANGING,
    "booking.demo": ("booking.demo", "booking.models", "booking.rules", *GROUND),
    "booking.queries": ("booking.queries", "booking.policy", "booking.models", "booking.rules", *GROUND),
    "booking.messages": (
        "booking.messages",
        "booking.queries",
        "booking.policy",
        "booking.models",
        "booking.rules",
        *GROUND,
    ),
    "booking.policy": ("booking.models", "booking.rules", *GROUND),
    "booking.models": ("booking.models", "booking.rules", *GROUND),
    "booking.rules": ("booking.rules", "booking.refusals"),
    "booking.settings": ("config",),
    "booking.db": (),
    "booking.clock": (),
    "booking.refusals": ("booking.refusals",),
    "config": ("booking.rules",),
}
PUT_TOGETHER = ("booking", "booking.cli", "booking.web", "wsgi")
# What only web may know about: who asks, and on which page.
REQUEST_SIDE = {"request", "g", "session", "current_user", "flash", "url_for", "redirect", "abort"}
_PURE_NEVER = ("flask", "flask_babel", "flask_login", "sqlalchemy")


def problems(modules: Sequence[Module]) -> list[str]:
    """Name every import that goes up or sideways, and every circle."""
    known = {module.name for module in modules}
    found = [sentence for module in modules for sentence in _about(module, known)]
    return found + _circles(modules, known)


def _about(module: Module, known: set[str]) -> Iterator[str]:
    room = _room(module.name)
    for imported in module.imports:
        yield from _about_libraries(module, room, imported)
        if module.name in PUT_TOGETHER or imported.for_types:
            continue
        for target in _targets(imported, known):
            reason = _reason(module.name, room, target)
            if reason:
                yield f"{module.name}:{imported.line} imports {target}: {reason}"


def _reason(name: str, room: str | None, target: str) -> str | None:
    if room is None:
        return "the module stands in no room of the house"
    if not any(_within(target, allowed) for allowed in MAY_IMPORT[room]):
        return f"{room} may not"
    if room == "booking.web":
        return _reason_in_web(name, target)
    if room == "booking.services" and _within(target, "booking.services") and target != name:
        return None if _within(target, "booking.services.steps") else "a service calls no other service"
    return None


def _reason_in_web(name: str, target: str) -> str | None:
    if target == "booking.db":
        return "pages ask queries and services, never the database"
    if _within(target, "booking.services.steps"):
        return "steps run inside a service's transaction"
    here, there = _blueprint(name), _blueprint(target)
    return "a blueprint knows no other" if there and here != there else None


def _about_libraries(module: Module, room: str | None, imported: Import) -> Iterator[str]:
    top = imported.module.split(".")[0]
    below_web = room not in (None, "booking.web") and module.name not in PUT_TOGETHER
    if below_web and top in ("flask", "flask_login") and REQUEST_SIDE & set(imported.names):
        yield f"{module.name}:{imported.line} knows about requests"
    if room == "booking.rules" and top in _PURE_NEVER and not imported.for_types:
        yield f"{module.name}:{imported.line} imports {top}: rules are pure"


def _targets(imported: Import, known: set[str]) -> list[str]:
    """Return the modules of ours that an import reaches: `from booking.services import people` is people."""
    base = imported.module
    if base not in known and _room(base) is None:
        return []
    inner = [f"{base}.{name}" for name in imported.names if f"{base}.{name}" in known]
    rest = len(inner) < len(imported.names) or not imported.names
    return inner + ([base] if rest else [])


def _circles(modules: Sequence[Module], known: set[str]) -> list[str]:
    graph = {module.name: _leads_to(module, known) for module in modules}
    found = set()
    for name in graph:
        path = _way_back(graph, name)
        if path:
            found.add(" → ".join(sorted(path)))
    return [f"a circle: {circle}" for circle in sorted(found)]


def _leads_to(module: Module, known: set[str]) -> set[str]:
    # What puts a house together (a package's own functions) may reach back into the rooms it opens.
    counted = [each for each in module.imports if not each.for_types and not each.put_together]
    return {target for each in counted for target in _targets(each, known) if target != module.name}


def _way_back(graph: dict[str, set[str]], start: str) -> list[str] | None:
    """Return the modules on a shortest way from one to itself, or None."""
    ways, seen = [[start]], set()
    while ways:
        way = ways.pop(0)
        for step in sorted(graph.get(way[-1], ())):
            if step == start:
                return way
            if step not in seen:
                seen.add(step)
                ways.append([*way, step])
    return None


def _room(name: str) -> str | None:
    return next((room for room in MAY_IMPORT if _within(name, room)), None)


def _blueprint(name: str) -> str | None:
    parts = name.split(".")
    rooms = {"pages", "accounts", "schedule", "bookings", "hosting", "office"}
    return parts[2] if parts[:2] == ["booking", "web"] and len(parts) > 2 and parts[2] in rooms else None


def _within(name: str, room: str) -> bool:
    return name == room or name.startswith(f"{room}.")
