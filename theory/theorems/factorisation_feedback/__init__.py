"""Random feedback in low-rank matrix factorisation: where it ends, and how it gets there.

Setting
    Z W is trained towards Y (n x m, rank k, singular values sigma_i), Z (n x r), W (r x m), R = Y
    - Z W. The gradient step of W has -Z^T R; random feedback (FA) has a fixed C (r x n) for Z^T:
    Z += eta R W^T, W += eta C R, both from the values before the step. FA*: Z = Y W^+ at every
    step. U = C Y = A diag(u) B^T, D = C R, Q = C Z, K = W W^T - Q - Q^T, P the projection on the
    rows of U, floor = ||Y (I - P)||_F. (W, Q) is a closed system, as D = U - Q W. Of generic C
    the rank of U is min(r, k). ||.|| is spectral where it multiplies, else Frobenius.

Statement
    (LR1)  K_{t+1} = K_t + eta^2 D_t D_t^T, R_{t+1} = R_t - eta R_t W_t^T W_t - eta Z_{t+1} D_t;
           the flow conserves K.
    (LR2)  From Z = W = 0 every mode goes its own way: w = q = 0; w += eta (u - q w), q += eta (u
           - q w) w, and ||R_t||_F^2 = floor^2 + sum_i (1 - q_i w_i/u_i)^2 |Y B_i|^2 for every eta
           and t. In the flow q w/u = phi(t u^{2/3}/2^{1/3})^3, phi' = 1 - phi^3, 1 - phi <=
           e^-tau.
    (LR3)  At every stationary point, from any start: ||R||_F = floor, Z W = Y P and row(W) =
           row(U) where r <= k; Z W = Y where r >= k. A two-layer linear network on whitened
           inputs takes the same steps.
    (LR3') r <= k: ||Z W - Y P||_F <= (||R W^T||_F ||Q|| + ||R|| ||D||_F)/sigma_r(U) + ||Z||
           ||Q^-1|| ||D||_F at every step with an invertible Q. r >= k, rank(U) = k: ||R||_F <=
           (||R W^T||_F + ||Y U^+|| ||D W^T||_F)/sigma + ||Y U^+|| ||D||_F, sigma the least
           singular value of W that is not 0.
    (LR4)  L = ||Q||_F^2/2 - <U, W> obeys L_{t+1} = L_t - eta ||D||_F^2 + eta^2 ||D W^T||_F^2/2.
           So sum_t eta ||D_t||_F^2 <= 2 (L_0 - L_min), min_{s<t} ||D_s||_F^2 <= 2 (L_0 -
           L_min)/(eta t) and ||W_t||_F <= W_max while eta W_max^2 <= 1, with L_min, W_max from
           the start alone: L >= max(0, x^2/sqrt(r) - kap)^2/8 - ||U||_F x at ||W||_F = x, kap =
           ||K_0||_F + 2 eta (L_0 - L_min). In the flow from zero L falls to -(3/8) sum_i (2
           u_i)^{4/3}.
    (LR5)  Flow: d||D||_F^2/dt <= lambda_max(K_0) ||D||_F^2 - 2 ||D W^T||_F^2 - ||W^T D||_F^2.
           Steps from W = 0, Z = zeta C^T: ||D_t||_F <= (1 - eta zeta lambda_min(C C^T))^t
           ||D_0||_F.
    (LR6)  Gaussian C, r >= 2: E floor^2 <= min_{j <= r-2} (1 + j/(r-j-1)) sum_{i>j} sigma_i^2. r
           = 1: E floor^2 = sum_j sigma_j^2 - sum_j sigma_j^4 E[g_j^2/sum_i sigma_i^2 g_i^2].
    (LR7)  sigma^2 = s (p times) and tau (N - p times), Gaussian C = (C_1, C_2), p <= r: gradient
           descent ends at (N-r) tau and FA above it by (s - tau) tr (I + (s/tau) F)^-1, F = C_1^T
           (C_2 C_2^T)^-1 C_1. For p = 1 F = b/(1-b), b ~ Beta(r/2, (N-r)/2). The mean excess is
           at least p (s - tau)/(1 + (s/tau) r/(N-p-r-1)). For p = r the ratio of both errors is
           at most 1 + (1 - tau/s) tr F^-1/(N-r), with equality as s/tau -> oo: it is unbounded,
           and at N = 8r its median grows like r.
    (LR8)  tr(C Z_t) = tr(C Z_0) + (||W_t||_F^2 - ||W_0||_F^2)/2 - (eta^2/2) sum ||D||_F^2. From
           zero no eigenvalue of C Z falls; the cosine of C^T and Z is given by the modes, with
           the ends sum u^2/(||C||_F (sum u^2 |Y B_i|^2)^{1/2}) and sum u^{2/3}/(||C||_F (sum
           u^{-2/3} |Y B_i|^2)^{1/2}) in the flow, and may fall.
    (LR9)  sigma^2 = 1 + epsilon (r times) and 1 (N - r times), Gaussian C, P_GD on the leading r
           directions: E tr(P_GD P)/r <= (1 + epsilon) r/N, and ||R||^2 is at most 1 + r
           epsilon/(N-r) times that of gradient descent. For epsilon = 0 the mean is r/N.
    (LR10) FA*: W W^T_{t+1} = W W^T_t + eta^2 D D^T, C Y W^T_{t+1} = C Y W^T_t + eta D D^T, so the
           least eigenvalue of sym(C Y W^T) never falls, and S = sum eta ||D||_F^2 = <U, W_t -
           W_0> obeys (S + <U, W_0>)^2 <= ||U||_*^2 (||W_0||^2 + eta S). ||D_{t+1}||_F <= ||(I -
           eta Q_t) D_t||_F; so ||D||_F falls at every step with eta ||Q||^2 <= 2 lambda_min(sym
           Q).

    Proof. (LR2): W = A diag(w) B^T, Z = Y B diag(q/u) A^T, Q = A diag(q) A^T solve the equations.
    (LR3): D = 0 and R W^T = 0. For r <= k U = Q W has rank r, so row(W) = row(U), R P = 0 and R =
    Y (I - P). For r >= k row(Y) = row(U), inside row(W): R = 0. (LR3'): R P = R (W^T Q^T + D^T)
    U^+T and Z W (I - P) = -Z Q^-1 D (I - P). For r >= k Y = Y U^+ (Q W + D), so R = M W + Y U^+ D
    with M = Y U^+ Q - Z, and M W W^T = R W^T - Y U^+ D W^T. (LR4): <U, D> = ||D||^2 + <Q, D W^T>,
    and sym Q = (W W^T - K)/2. The values of L that the bound at ||W|| = x allows are an interval
    that ends at L_0: a number below its lower end is a bound. (LR7): the law of C is invariant
    under rotations; Jensen for the mean of F. (LR10): R W^T = 0, and Z is optimal, so D_{t+1} is
    a projection of C (Y - Z_t W_{t+1}).

Kind
    (LR1), (LR2), (LR3), the laws of (LR4), (LR7), (LR8), (LR10): **equalities, pathwise**;
    (LR3'), rates, paths and ratios: **upper bounds, pathwise**; eigenvalues and the decay:
    **lower bounds, pathwise**; (LR6), (LR9): **upper bounds and equalities, in expectation**;
    (LR7): a **law**, a **lower bound, in expectation**, and a growth, **with probability**.

Premises
    As stated, and fixed feedback in steps: with Z^T for C they are those of gradient descent, of
    which nothing is claimed but where it stands at its end. Zero start for (LR2) and angles; a
    start whose certificate holds for (LR4); an end that (LR3') says is reached, for (LR3). Steps in
    (LR5) keep the rate of the flow for eta ((2 u_1)^{2/3} + zeta ||C||^2) <= 0.66, and eigenvalues
    in (LR8) rise for eta (2 u_1)^{2/3} <= 0.6: both are tried, not proved. From a random start with
    r > k convergence is seen, not proved.

Slips that the slack hides
    In (LR4) 1 for the factor 2: the path is half as long where eta ||W||^2 is small. In (LR3')
    single terms where the others are larger, and all but the last where r >= k. In the bound of the
    mean of (LR7) units in N - p - r - 1.

Source
    After Garg & Vempala, How and When Random Feedback Works: A Case Study of Low-Rank Matrix
    Factorization (AISTATS 2022, arXiv 2111.08706). From its abstract: FA converges to the optimum
    when r >= rank(Y), can be far from it when r < rank(Y), forward and feedback matrices come
    closer, which FA* needs, and representations can be almost orthogonal at nearly equal error.
    Its rates and constants were not read; all statements here are derived. (LR6): Halko,
    Martinsson & Tropp, Finding structure with randomness (arXiv 0909.4061), Theorem 10.5, as
    recalled.
"""

from theory.theorems.factorisation_feedback import descent, endpoint, separation, star

CLAIMS = (*endpoint.CLAIMS, *descent.CLAIMS, *separation.CLAIMS, *star.CLAIMS)
