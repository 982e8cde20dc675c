"""Feedback alignment by hand: one network at a time, one neuron after the other."""

from math import acos, cos, exp, pi, sin, sqrt

import numpy as np
from scipy.integrate import solve_ivp

from verify.judging.seeds import numpy_generator

PSI = {
    "linear": (lambda z: z, lambda z: 1.0),
    "relu": (lambda z: z if z > 0 else 0.0, lambda z: 1.0 if z > 0 else 0.0),
    "leaky-relu": (lambda z: z if z > 0 else z / 10, lambda z: 1.0 if z > 0 else 0.1),
    "tanh": (lambda z: float(np.tanh(z)), lambda z: 1 / float(np.cosh(z)) ** 2),
    "sigmoid": (lambda z: 1 / (1 + exp(-z)), lambda z: 1 / (2 + exp(z) + exp(-z))),
}
KINK = {"relu": 1.0, "leaky-relu": 0.9}
CURVATURE = {"tanh": 4 / sqrt(27), "sigmoid": sqrt(3) / 18}


class Net:
    """W (m, d), beta and b (m,) of one network, on X (n, d) and y (n,)."""

    def __init__(self, X, y, W, beta, b, activation):
        self.X, self.y, self.W, self.beta, self.b = X, y, W, beta, b
        self.activation, self.m = activation, len(b)

    def psi(self, z):
        return PSI[self.activation][0](z)

    def slope(self, z):
        return PSI[self.activation][1](z)

    @property
    def e(self):
        outputs = [
            sum(self.beta[r] * self.psi(self.W[r] @ x) for r in range(self.m)) / sqrt(self.m)
            for x in self.X
        ]
        return np.array(outputs) - self.y

    @property
    def Psi(self):
        return np.array([[self.psi(w @ x) for w in self.W] for x in self.X])

    @property
    def cosine(self):
        lengths = np.linalg.norm(self.b) * np.linalg.norm(self.beta)
        return self.b @ self.beta / lengths if lengths else 0.0

    def step(self, eta, decay, backpropagation):
        e, W, beta = self.e, self.W.copy(), self.beta.copy()
        for r in range(self.m):
            back = self.beta[r] if backpropagation else self.b[r]
            for i, x in enumerate(self.X):
                z = self.W[r] @ x
                W[r] -= eta / sqrt(self.m) * back * e[i] * self.slope(z) * x
                beta[r] -= eta / sqrt(self.m) * e[i] * self.psi(z)
            beta[r] -= eta * decay * self.beta[r]
        return Net(self.X, self.y, W, beta, self.b, self.activation)

    def train(self, eta, decay, steps, backpropagation=False):
        path = [self]
        for _ in range(steps):
            path.append(path[-1].step(eta, decay, backpropagation))
        return path

    def flow(self, times, decay):
        """All m (d + 1) weights, of a linear network."""
        m, d = self.W.shape

        def change(t, z):
            W, beta = z[: m * d].reshape(m, d), z[m * d :]
            pull = (self.X @ W.T @ beta / sqrt(m) - self.y) @ self.X / sqrt(m)
            return np.concatenate([-np.outer(self.b, pull).ravel(), -decay * beta - W @ pull])

        def derivative(t, z):
            W, beta = z[: m * d].reshape(m, d), z[m * d :]
            pull = (self.X @ W.T @ beta / sqrt(m) - self.y) @ self.X / sqrt(m)
            A = self.X.T @ self.X / m
            of_pull = np.hstack([np.kron(beta, A), A @ W.T])
            of_beta = -W @ of_pull - np.hstack([np.kron(np.eye(m), pull), decay * np.eye(m)])
            return np.vstack([-np.kron(self.b[:, None], of_pull), of_beta])

        start = np.concatenate([self.W.ravel(), self.beta])
        found = solve_ivp(change, (0, times[-1]), start, "Radau", times, rtol=1e-8, atol=1e-11,
                          jac=derivative).y.T  # fmt: skip
        return [
            Net(self.X, self.y, z[: m * d].reshape(m, d), z[m * d :], self.b, "linear")
            for z in found
        ]


def drawn(X, y, salt, width, options):
    """W, beta, b in this order from one generator."""
    rng = numpy_generator("feedback", salt)
    W = np.array([rng.normal(size=X.shape[1]) for _ in range(width)])
    beta, b = rng.normal(size=width), rng.normal(size=width)
    b = {"gaussian": b, "signs": np.sign(b), "initial": beta}[options.feedback]
    return Net(X, y, W, options.beta_scale * beta, b, options.activation)


def kernel(X, activation):
    """E psi(<w, x_i>) psi(<w, x_j>), w ~ N(0, I)."""
    if activation == "linear":
        return X @ X.T
    norms = [np.linalg.norm(x) for x in X]
    G = np.zeros((len(X), len(X)))
    grid = np.linspace(-9, 9, 301)
    weights = np.exp(-(grid**2) / 2) / sqrt(2 * pi) * (grid[1] - grid[0])
    for i, a in enumerate(X):
        for j, c in enumerate(X):
            size = norms[i] * norms[j]
            angle = acos(min(1.0, max(-1.0, a @ c / size)))
            if activation == "relu":
                G[i, j] = size * half(angle)
            elif activation == "leaky-relu":  # psi(z) = relu(z) - relu(-z)/10
                G[i, j] = size * (1.01 * half(angle) - 0.2 * half(pi - angle))
            else:
                psi = np.vectorize(PSI[activation][0])
                other = cos(angle) * grid[:, None] + sin(angle) * grid
                values = psi(norms[i] * grid)[:, None] * psi(norms[j] * other)
                G[i, j] = weights @ values @ weights
    return G


def half(angle):
    """E relu(u) relu(v) of unit normal variables at that angle."""
    return (sin(angle) + (pi - angle) * cos(angle)) / (2 * pi)
