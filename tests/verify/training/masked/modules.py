"""Masked training written a second time: torch.nn modules, autograd, torch.optim.SGD, loops."""

import torch
from torch import nn


def hidden_layer(network):
    layer = nn.Linear(*network.W_0.shape, bias=False, dtype=network.W_0.dtype)
    with torch.no_grad():
        layer.weight.copy_(network.W_0.T)
    return layer


def forward(layer, scaled_mask, network):
    """f(X) with the hidden units multiplied by an inverted-dropout mask (m,)."""
    hidden = scaled_mask * torch.relu(layer(network.X))
    return hidden @ network.a / network.m**0.5


def train_with_modules(network, algorithm, masks):
    """Residuals e_0, ..., e_K for given masks (K, p, m); (K + 1, n)."""
    layer = hidden_layer(network)
    ones = torch.ones_like(network.a)
    residuals = [forward(layer, ones, network).detach() - network.y]
    for round_masks in masks:
        start = layer.weight.detach().clone()
        change = torch.zeros_like(start)
        for mask in round_masks:
            surrogate = hidden_layer(network)
            surrogate.load_state_dict(layer.state_dict())
            optimiser = torch.optim.SGD(surrogate.parameters(), lr=algorithm.eta)
            for _ in range(algorithm.tau):
                optimiser.zero_grad()
                g = forward(surrogate, mask / algorithm.xi, network)
                (0.5 * (g - network.y).square().sum()).backward()
                optimiser.step()
            change += mask[:, None] * (surrogate.weight.detach() - start)
        count = round_masks.sum(0)
        with torch.no_grad():
            layer.weight += torch.where(count > 0, 1 / count.clamp(min=1), 0.0)[:, None] * change
        residuals.append(forward(layer, ones, network).detach() - network.y)
    return torch.stack(residuals)


def train_with_dropout(network, algorithm, rounds, seed):
    """(Multi-sample) dropout as users write it: nn.Dropout, one SGD step on the summed losses.

    nn.Dropout draws one mask per surrogate, shared by the samples. Returns residuals
    (K + 1, n) and the masks it drew (K, p, m).
    """
    torch.manual_seed(seed)
    layer, drop = hidden_layer(network), nn.Dropout(1 - algorithm.xi)
    optimiser = torch.optim.SGD(layer.parameters(), lr=algorithm.eta)
    ones = torch.ones_like(network.a)
    residuals, masks = [forward(layer, ones, network).detach() - network.y], []
    for _ in range(rounds):
        scaled = [drop(ones) for _ in range(algorithm.p)]
        losses = [0.5 * (forward(layer, s, network) - network.y).square().sum() for s in scaled]
        optimiser.zero_grad()
        torch.stack(losses).sum().backward()
        held = torch.stack([(s > 0).to(s) for s in scaled])
        layer.weight.grad /= held.sum(0).clamp(min=1)[:, None]
        optimiser.step()
        masks.append(held)
        residuals.append(forward(layer, ones, network).detach() - network.y)
    return torch.stack(residuals), torch.stack(masks)
