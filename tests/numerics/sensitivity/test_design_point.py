"""The design point against the closed form of a plane, a grid over a curved surface, and where there is none."""

import numpy as np
import pytest

from iom_causal.numerics.sensitivity.design_point import FARTHEST, design_point

NEAR = 1e-6  # how far along the curve of roots a descent of the squared distance ends from its least
ANYWHERE = np.inf


@pytest.mark.parametrize("number", [1, 2, 3, 6])
def test_of_a_plane_it_is_the_foot_of_the_perpendicular(number):
    normal = np.random.default_rng(number).normal(size=number)
    found = design_point(lambda z: z @ normal - 2.0, np.full(number, ANYWHERE))
    np.testing.assert_allclose(found, 2.0 * normal / (normal @ normal), atol=NEAR)


def test_of_a_curved_surface_it_is_the_nearest_of_a_fine_grid():
    def f(z):
        return 0.1 * z[:, 0] + 0.2 * z[:, 1] + 0.05 * z[:, 0] ** 2 - 0.47

    found = design_point(f, np.full(2, ANYWHERE))
    angles = np.linspace(0, 2 * np.pi, 4001)
    rays = np.stack([np.cos(angles), np.sin(angles)], -1)
    radii = np.linspace(0, FARTHEST, 4001)
    least = min(
        (radii[np.flatnonzero(v[:-1] * v[1:] <= 0)[0]] for ray in rays if (((v := f(radii[:, None] * ray)) > 0).any())),
    )
    assert np.linalg.norm(found) == pytest.approx(least, abs=2 * FARTHEST / 4000)
    assert abs(f(found[None])[0]) < 1e-10


def test_a_coordinate_goes_no_further_than_it_may():
    def f(z):
        return z[:, 0] + 0.1 * z[:, 1] - 1.2

    found = design_point(f, np.array([1.0, ANYWHERE]))
    np.testing.assert_allclose(found, [1.0, 2.0], atol=NEAR)
    assert design_point(f, np.array([1.0, 1.0])) is None


def test_no_function_is_asked_beyond_where_a_coordinate_may_go():
    widest = np.array([1.0, 2.0])

    def f(z):
        assert (np.abs(z) <= widest + 1e-12).all()  # a point on a ray is a product, rounded once
        return z[:, 0] + 0.5 * z[:, 1] ** 2 - 1.2

    found = design_point(f, widest)
    assert abs(f(found[None])[0]) < 1e-10


def test_the_origin_itself_and_nowhere():
    np.testing.assert_array_equal(design_point(lambda z: z.sum(-1), np.full(2, ANYWHERE)), [0.0, 0.0])
    assert design_point(lambda z: 1 + (z**2).sum(-1), np.full(2, ANYWHERE)) is None
    jump = design_point(lambda z: np.where(z[:, 0] < 1.0, 1.0, -1.0), np.full(1, ANYWHERE))
    assert jump is None  # over nothing without a root


def test_where_a_function_has_no_value_is_passed_by():
    def f(z):
        return np.where(z[:, 0] > 0.5, np.nan, z[:, 0] + z[:, 1] - 2.0)

    found = design_point(f, np.full(2, ANYWHERE))
    assert f(found[None])[0] == pytest.approx(0.0, abs=1e-10)
