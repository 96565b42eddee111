// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Everything, in the order in which a reader may want to meet it. Programs that compile often include less.

// What it is about: one decision, its sparse trace, its explanation.
#include <spade/sparse_trace.hpp>
#include <spade/trace.hpp>

// The contracts.
#include <spade/augmenter.hpp>
#include <spade/differentiable_graph.hpp>
#include <spade/interpreter.hpp>
#include <spade/metric.hpp>
#include <spade/operator_graph.hpp>
#include <spade/pruner.hpp>
#include <spade/sparsity_plan.hpp>
#include <spade/traceable_graph.hpp>

// Networks.
#include <spade/graph/behind_embedding.hpp>
#include <spade/graph/capture.hpp>
#include <spade/graph/importer.hpp>
#include <spade/graph/node.hpp>
#include <spade/graph/tape.hpp>
#include <spade/graph/weight_set.hpp>
#include <spade/layer.hpp>
#include <spade/layer_graph.hpp>

// Samples and their augmented copies.
#include <spade/augmenters.hpp>
#include <spade/sample.hpp>

// Layer inputs, and what solves for sparse weights.
#include <spade/linalg/cholesky.hpp>
#include <spade/linalg/instruction_set.hpp>
#include <spade/linalg/matrix.hpp>
#include <spade/linalg/multiply.hpp>
#include <spade/linalg/rank_update.hpp>
#include <spade/linalg/slivers.hpp>
#include <spade/linalg/solve_rows.hpp>
#include <spade/pruners/damping.hpp>
#include <spade/pruners/elimination.hpp>
#include <spade/pruners/exact.hpp>
#include <spade/pruners/fast.hpp>
#include <spade/pruners/forward_backward.hpp>
#include <spade/pruners/magnitude.hpp>
#include <spade/pruners/pattern.hpp>
#include <spade/pruners/random.hpp>
#include <spade/pruners/wanda.hpp>
#include <spade/statistics/gram_accumulator.hpp>
#include <spade/statistics/passes.hpp>
#include <spade/statistics/target_accumulator.hpp>

// Explanations and their scores.
#include <spade/interpreters/deconvolution.hpp>
#include <spade/interpreters/forward_function.hpp>
#include <spade/interpreters/guided_backprop.hpp>
#include <spade/interpreters/heat_map.hpp>
#include <spade/interpreters/input_x_gradient.hpp>
#include <spade/interpreters/integrated_gradients.hpp>
#include <spade/interpreters/lrp.hpp>
#include <spade/interpreters/lrp/composite.hpp>
#include <spade/interpreters/lrp/rule.hpp>
#include <spade/interpreters/lrp/rules.hpp>
#include <spade/interpreters/occlusion.hpp>
#include <spade/interpreters/quadrature.hpp>
#include <spade/interpreters/saliency.hpp>
#include <spade/metrics/roc_auc.hpp>
#include <spade/metrics/trojan_auc.hpp>

// Compositions by name.
#include <spade/recipes.hpp>

// Files.
#include <spade/io/atomic_file.hpp>
#include <spade/io/image.hpp>
#include <spade/io/plan_file.hpp>

// Reports.
#include <spade/report/colour_map.hpp>
#include <spade/report/mean_score.hpp>
#include <spade/report/report_options.hpp>
#include <spade/report/write_report.hpp>

// What all of it stands on.
#include <spade/core/device.hpp>
#include <spade/core/error.hpp>
#include <spade/core/nearest_names.hpp>
#include <spade/core/parallel.hpp>
#include <spade/core/progress.hpp>
#include <spade/core/rng.hpp>
#include <spade/core/target.hpp>
#include <spade/core/tensor_view.hpp>
