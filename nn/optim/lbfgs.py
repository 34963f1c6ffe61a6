"""L-BFGS: Newton's method for the whole data set, from the last gradients in place of second derivatives."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from autograd.errors import ShapeError
from autograd.graph import enable_grad

from ..core.numbers import number, whole
from .optimiser import Optimiser
from .settings import Group, Setting
from .wolfe import Point, strong_wolfe

FRESH: dict[str, Any] = {
    "func_evals": 0,
    "n_iter": 0,
    "t": 0.0,
    "H_diag": 1.0,
    "prev_loss": 0.0,
    "d": None,
    "prev_flat_grad": None,
    "old_dirs": [],
    "old_stps": [],
    "ro": [],
}


def _evaluations(name: str, value: Any) -> int | None:
    return None if value is None else whole(name, value)


def _search(name: str, value: Any) -> str | None:
    if value not in (None, "strong_wolfe"):
        raise ValueError(f"{name}={value!r:.60}: it must be None or 'strong_wolfe'.")
    return value  # type: ignore[no-any-return]


class LBFGS(Optimiser):
    """Limited-memory BFGS, on the full batch: few steps, each of up to `max_iter` iterations with the same data.

    `step(closure)` calls `closure`, which computes the loss with its gradients, as often as it needs. The direction is
    -H g, where H, about the inverse of the Hessian, is made from the last `history_size` changes of weights and
    gradients (J. Nocedal and S. Wright, "Numerical optimization", 2006, algorithm 7.4). With
    line_search_fn="strong_wolfe" (see wolfe.py) every iteration goes down; with None it goes `lr` times the direction.
    A step ends when no element of the gradient is above `tolerance_grad`, when loss or weights change by less than
    `tolerance_change`, or after `max_eval` evaluations (5/4 of max_iter, if None). All parameters are of one dtype and
    in one group. Names, defaults and decisions are PyTorch's, save that its line search goes by 1e-9 whatever
    `tolerance_change` is. A penalty on the weights is part of the closure's loss: there is no weight_decay here, since
    loss and gradient must belong together.

    >>> from nn import Parameter
    >>> p = Parameter([3.0, -2.0])
    >>> optimiser = LBFGS([p], line_search_fn="strong_wolfe")
    >>> def closure():
    ...     optimiser.zero_grad()
    ...     loss = ((p - 1.0) * (p - 1.0)).sum()
    ...     loss.backward()
    ...     return loss
    >>> float(optimiser.step(closure))
    13.0
    >>> p.data.round(6)
    array([1., 1.])
    """

    lr = Setting(number, least=0)
    max_iter = Setting(whole)
    max_eval = Setting(_evaluations)
    tolerance_grad = Setting(number, least=0)
    tolerance_change = Setting(number, least=0)
    history_size = Setting(whole)
    line_search_fn = Setting(_search)
    together = True

    def __init__(
        self,
        parameters: Any,
        lr: float = 1.0,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        self._memory = _fresh()
        super().__init__(
            parameters,
            lr=lr,
            max_iter=max_iter,
            max_eval=max_iter * 5 // 4 if max_eval is None else max_eval,
            tolerance_grad=tolerance_grad,
            tolerance_change=tolerance_change,
            history_size=history_size,
            line_search_fn=line_search_fn,
        )

    def add_param_group(self, group: dict[str, Any]) -> None:
        """One group, of one dtype: the direction is one vector of all parameters."""
        if self.param_groups:
            raise ValueError("LBFGS has one parameter group: its direction is one vector of all parameters.")
        super().add_param_group(group)
        dtypes = [str(part.flat.dtype) for part in self.param_groups[0].parts]
        if len(dtypes) > 1:
            raise ValueError(f"LBFGS needs parameters of one dtype, and these are {' and '.join(dtypes)}.")

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Up to `max_iter` iterations; returns the first loss."""
        if not callable(closure):
            raise TypeError(
                "LBFGS computes the loss several times in a step: write optimiser.step(closure), with a function that "
                "calls zero_grad(), computes the loss, calls backward() and returns the loss."
            )
        with enable_grad():
            return self._iterate(closure)

    def _iterate(self, closure: Callable[[], Any]) -> Any:
        group, memory = self.param_groups[0], self._memory
        first = closure()
        loss, g = float(first), self._gradient()
        evaluations = 1
        memory["func_evals"] += 1
        if _largest(g) <= group["tolerance_grad"]:
            return first
        budget = group["max_eval"] or group["max_iter"] * 5 // 4
        for i in range(1, group["max_iter"] + 1):
            memory["n_iter"] += 1
            d = self._direction(g)
            t = group["lr"]
            if memory["n_iter"] == 1:
                t *= min(1.0, 1.0 / float(np.abs(g).sum()))
            slope = float(g.dot(d))
            memory.update(d=d, t=t, prev_flat_grad=g, prev_loss=loss)
            if slope > -group["tolerance_change"]:
                break
            before, used = loss, 0
            w = self._flat().data.array.copy()
            if group["line_search_fn"]:
                here = Point(0.0, loss, slope, g)
                found, used = strong_wolfe(
                    partial(self._point, closure, w, d),
                    here,
                    t,
                    _largest(d),
                    group["tolerance_change"],
                    budget - evaluations,
                )
                t, loss, g = found.t, found.loss, found.gradient
                self._move(w, t, d)
            else:
                self._move(w, t, d)
                if i < group["max_iter"]:  # the next iteration needs it
                    loss, g, used = float(closure()), self._gradient(), 1
            memory["t"] = t
            evaluations += used
            memory["func_evals"] += used
            if evaluations >= budget or _largest(g) <= group["tolerance_grad"]:
                break
            if _largest(d) * t <= group["tolerance_change"] or abs(loss - before) < group["tolerance_change"]:
                break
        return first

    def _direction(self, g: Any) -> Any:
        """-H g, by the two loops over the history."""
        memory = self._memory
        if memory["n_iter"] == 1:
            memory.update(_fresh(func_evals=memory["func_evals"], n_iter=1))
            return -g
        changes, steps, ro = memory["old_dirs"], memory["old_stps"], memory["ro"]
        y, s = g - memory["prev_flat_grad"], memory["d"] * memory["t"]
        curvature = float(y.dot(s))
        if curvature > 1e-10:
            for series, new in ((changes, y), (steps, s), (ro, 1.0 / curvature)):
                series.append(new)
                del series[: -self.param_groups[0]["history_size"]]
            memory["H_diag"] = curvature / float(y.dot(y))
        d, shares = -g, []
        for y, s, r in zip(reversed(changes), reversed(steps), reversed(ro)):
            shares.append(float(s.dot(d)) * r)
            d -= shares[-1] * y
        d *= memory["H_diag"]
        for y, s, r in zip(changes, steps, ro):
            d += (shares.pop() - float(y.dot(d)) * r) * s
        return d

    def _flat(self) -> Any:
        return self.param_groups[0].parts[0].flat

    def _gradient(self) -> Any:
        """A copy of all gradients as one vector, zero where there is none."""
        flat = self._flat()
        complete = flat.gather()
        g = flat.grad.array.copy()
        if not complete:
            for p, a, b in zip(flat.parameters, flat.starts, flat.starts[1:]):
                if p._grad is None:
                    g[a:b] = 0
        return g

    def _move(self, w: Any, t: float, d: Any) -> None:
        flat = self._flat()
        flat.gather()
        out = flat.target()
        np.multiply(d, t, out)
        np.add(out, w, out)
        flat.swap()

    def _point(self, closure: Callable[[], Any], w: Any, d: Any, t: float) -> Point:
        """The loss and its slope at w + t d; the weights stay there until the next move."""
        self._move(w, t, d)
        loss, g = float(closure()), self._gradient()
        return Point(t, loss, float(g.dot(d)), g)

    # --- states: PyTorch's layout, which keeps everything with parameter 0

    def _state(self) -> dict[int, Any]:
        memory = self._memory
        if not memory["func_evals"]:
            return {}
        entry = dict(memory)
        for name in ("d", "prev_flat_grad"):
            entry[name] = None if memory[name] is None else self._to_rows(memory[name])
        for name in ("old_dirs", "old_stps"):
            entry[name] = [self._to_rows(vector) for vector in memory[name]]
        return {0: entry | {"ro": list(memory["ro"])}}

    def _loaded(self, saved: Any, groups: list[Group]) -> Callable[[], None]:
        memory = _fresh()
        for entry in saved.values():
            missing = [name for name in ("n_iter", "func_evals") if name not in entry]
            if missing:
                raise KeyError(f"LBFGS.load_state_dict: the state lacks {', '.join(missing)}.")
            for name, fresh in FRESH.items():
                memory[name] = self._read(name, entry.get(name, fresh), fresh)

        def apply() -> None:
            self._memory = memory

        return apply

    def _read(self, name: str, value: Any, fresh: Any) -> Any:
        """An entry of a saved state: a number, a vector, or a list of either."""
        if isinstance(fresh, list):
            return [float(x) if name == "ro" else self._read(name, x, None) for x in value]
        if value is None or fresh is not None:
            return value if value is None else type(fresh)(value)
        vector, size = np.asarray(value, self._flat().dtype), self._flat().starts[-1]
        if vector.shape != (size,):
            raise ShapeError(
                f"LBFGS.load_state_dict: {name} has shape {vector.shape}, and the parameters have {size} elements."
            )
        return self._from_rows(vector)

    def _to_rows(self, vector: Any) -> Any:
        """A flat vector with each parameter row by row, as PyTorch's; here a matrix lies column by column."""
        return np.concatenate([part.ravel() for part in self._flat().split(vector)])

    def _from_rows(self, vector: Any) -> Any:
        out = np.empty_like(vector)
        start = 0
        for part in self._flat().split(out):
            part[...] = vector[start : start + part.size].reshape(part.shape)
            start += part.size
        return out


def _fresh(**known: Any) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, list) else value for name, value in FRESH.items()} | known


def _largest(x: Any) -> float:
    return float(np.abs(x).max())
