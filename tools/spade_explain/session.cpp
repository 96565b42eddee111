// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "session.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>
#include <numeric>
#include <optional>
#include <string>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>
#include <fmt/format.h>

#include <spade/core/error.hpp>
#include <spade/core/parallel.hpp>
#include <spade/graph/importer.hpp>
#include <spade/io/plan_file.hpp>
#include <spade/recipes.hpp>
#include <spade/report/mean_score.hpp>
#include <spade/report/write_report.hpp>
#include <spade/sparse_trace.hpp>

#include "input_checks.hpp"
#include "methods.hpp"
#include "output_file.hpp"
#include "picture_list.hpp"
#include "progress_line.hpp"

namespace spade::explain_tool {
namespace {

using Tracer = SparseTrace<AnyPruner, AnyAugmenter, AnyInterpreter>;

/// The plan that was asked for, if one was.
std::optional<SparsityPlan> plan_of(const Arguments& arguments) {
  if (arguments.sparsity) {
    if (!(*arguments.sparsity >= 0.0 && *arguments.sparsity <= 1.0)) {
      throw InvalidArgument(
          fmt::format("--sparsity {} is outside [0, 1]; it is the fraction of zeros", *arguments.sparsity));
    }
    return SparsityPlan::uniform(*arguments.sparsity);
  }
  if (arguments.plan.empty()) return std::nullopt;
  return read_plan(arguments.plan);
}

void set_threads(std::int64_t threads) {
  if (threads == 0) return;
  set_thread_count(static_cast<int>(threads));
  at::set_num_threads(static_cast<int>(threads));
}

std::int64_t class_count(const LayerGraph& graph, const at::Tensor& input, const std::string& model) {
  const auto output = graph.forward(input);
  if (output.dim() != 2 || output.size(0) != 1) {
    throw ShapeMismatch(fmt::format("{}: its output on one picture is {}; [1, classes] is expected", model,
                                    shape_text({output.sizes().data(), output.sizes().size()})));
  }
  return output.size(1);
}

// The plan's own messages do not know where it came from.
void check_plan(const SparsityPlan& plan, const LayerGraph& graph, const Arguments& arguments) {
  try {
    (void)plan.resolve(graph.layers());
  } catch (const InvalidArgument& error) {
    if (arguments.plan.empty()) throw;
    throw InvalidArgument(fmt::format("{}: {}", arguments.plan, error.what()));
  }
}

void check_target(const Picture& picture, std::int64_t classes) {
  if (picture.target && *picture.target >= classes) {
    throw InvalidArgument(fmt::format("{}: target {} is outside the network's {} classes, 0 to {}",
                                      picture.name, *picture.target, classes, classes - 1));
  }
}

// How far all pictures are together, and what of one picture's time the trace takes (learned on the way).
class Plot {
public:
  Plot(std::size_t pictures, std::size_t interpreters) : pictures_(pictures), interpreters_(interpreters) {}

  void begin_picture(std::string name) { name_ = std::move(name); }
  void trace(std::string_view stage, std::int64_t done, std::int64_t total) {
    const double part = total > 0 ? static_cast<double>(done) / static_cast<double>(total) : 1.0;
    show(trace_share_ * part, stage);
  }
  void interpret(std::size_t done, const std::string& interpreter) {
    show(trace_share_ + (1.0 - trace_share_) * static_cast<double>(done) / static_cast<double>(interpreters_),
         interpreter);
  }
  void end_picture(double trace_seconds, double other_seconds) {
    trace_seconds_ += trace_seconds;
    all_seconds_ += trace_seconds + other_seconds;
    if (all_seconds_ > 0) trace_share_ = trace_seconds_ / all_seconds_;
    ++done_;
  }

private:
  void show(double part, std::string_view stage) {
    const auto text = pictures_ == 1 ? fmt::format("{}", stage)
                                     : fmt::format("{} of {}: {}, {}", done_ + 1, pictures_, name_, stage);
    line_.show((static_cast<double>(done_) + part) / static_cast<double>(pictures_), text);
  }

  ProgressLine line_;
  std::size_t pictures_;
  std::size_t interpreters_;
  std::size_t done_ = 0;
  std::string name_;
  double trace_share_ = 0.6;
  double trace_seconds_ = 0;
  double all_seconds_ = 0;
};

std::int64_t top_class(const Trace& trace) {
  const auto& outputs = trace.fidelity.dense;
  return std::distance(outputs.begin(), std::ranges::max_element(outputs));
}

// A file's name without its folders, unless another picture has that name in another folder.
std::string short_name(const Picture& picture, const std::vector<Picture>& pictures) {
  const auto short_form = [](const Picture& each) {
    return std::filesystem::path(each.name).filename().string();
  };
  const auto name = short_form(picture);
  const bool shared = std::ranges::any_of(pictures, [&](const Picture& other) {
    return other.name != picture.name && short_form(other) == name;
  });
  return shared ? picture.name : name;
}

std::vector<std::string> class_list(const std::map<std::int64_t, std::string>& names, std::size_t classes) {
  std::vector<std::string> list;
  for (const auto& [number, name] : names) {
    const auto position = static_cast<std::size_t>(number);
    if (position >= classes) break;
    list.resize(position + 1);
    list.back() = name;
  }
  return list;
}

} // namespace

Results explain_all(const Arguments& arguments, const Interruption& interruption) {
  const auto entries = pictures_of(arguments);
  check_results(arguments, entries);
  const auto names = class_names_of(arguments);
  std::vector<Picture> pictures;
  for (const auto& entry : entries)
    pictures.push_back({entry.path, entry.target, [entry, &arguments] { return read(entry, arguments.size); },
                        PictureSource{entry.path, entry.mask, arguments.size}});
  auto results = explain_all(arguments, pictures, interruption);
  results.options.class_names = class_list(names, results.explanations.front().trace.fidelity.dense.size());
  return results;
}

Results explain_all(const Arguments& arguments, const std::vector<Picture>& pictures,
                    const Interruption& interruption) {
  const c10::NoGradGuard no_gradient; // interpreters that want gradients turn them on for themselves
  const auto interpreters = interpreters_named(arguments.interpreters);
  const auto pruner = pruner_named(arguments.pruner, arguments.seed);
  const auto augmenter = augmenter_named(arguments.augmenter);
  const auto asked_plan = plan_of(arguments);
  Results results;
  results.options.title = arguments.title;
  results.options.model = arguments.model;
  results.options.command = arguments.command;
  for (const auto& picture : pictures)
    (void)picture.read();
  set_threads(arguments.threads);

  const auto example = pictures.front().read().sample.input();
  const auto graph = load_graph(arguments.model, example);
  check_prunable(arguments, graph);
  const auto plan = asked_plan.value_or(recipes::for_network(graph.layers()));
  check_plan(plan, graph, arguments);
  const auto classes = class_count(graph, example, arguments.model);
  for (const auto& picture : pictures)
    check_target(picture, classes);
  check_interpreters(interpreters, graph, example, arguments.model);

  Plot plot(pictures.size(), interpreters.size());
  TraceOptions options;
  options.positions_per_column = arguments.positions_per_column;
  if (arguments.sequential) options.propagation = Propagation::Sequential;
  options.progress.stop = interruption.token();
  options.progress.report = [&](std::string_view stage, std::int64_t done, std::int64_t total) {
    plot.trace(stage, done, total);
  };
  const Tracer tracer(pruner, Augmentation<AnyAugmenter>{augmenter, arguments.augmentations, arguments.seed},
                      interpreters.front(), plan, options);

  for (const auto& each : pictures) {
    const auto name = short_name(each, pictures);
    const auto picture = each.read();
    plot.begin_picture(name);
    const auto trace = tracer.prune(graph, picture.sample);
    const auto target = each.target.value_or(top_class(trace));
    double other_seconds = 0;
    for (std::size_t i = 0; i < interpreters.size(); ++i) {
      Progress{[&](auto, auto, auto) { plot.interpret(i, interpreters[i].name()); }, interruption.token()}(
          "interpreting", static_cast<std::int64_t>(i), static_cast<std::int64_t>(interpreters.size()));
      auto explanation = explain(graph, trace, interpreters[i], picture.sample, target);
      explanation.trace = Trace(graph, trace.layers, trace.fidelity, trace.provenance);
      other_seconds += explanation.attribution_seconds + explanation.dense_attribution_seconds;
      results.explanations.push_back(std::move(explanation));
      results.options.captions.push_back({name, picture.mask, each.source});
    }
    results.trace_seconds.push_back(trace.provenance.seconds);
    plot.end_picture(trace.provenance.seconds, other_seconds);
  }
  return results;
}

void write_results(const std::string& report, const std::string& json, const Results& results) {
  std::vector<ResultFile> files;
  if (!report.empty()) {
    files.push_back({report, [&](const std::string& path) {
                       write_report(path, results.explanations, results.options);
                     }});
  }
  if (!json.empty()) {
    files.push_back(
        {json, [&](const std::string& path) { write_json(path, results.explanations, results.options); }});
  }
  write_together(files);
}

std::string summary_text(const Results& results) {
  const auto means = mean_scores(results.explanations, results.options);
  std::size_t width = std::string_view("interpreter").size();
  for (const auto& mean : means)
    width = std::max(width, mean.interpreter.size());
  const bool scored = std::ranges::any_of(means, [](const MeanScore& mean) { return mean.auc.has_value(); });
  const auto& first = means.front();
  const auto& provenance = results.explanations.front().trace.provenance;
  auto text = fmt::format("{} picture{}, {}{} of {} copies, seed {}, plan {}\n", first.pictures,
                          first.pictures == 1 ? "" : "s", provenance.pruner,
                          provenance.propagation == Propagation::Sequential ? ", sequential," : "",
                          provenance.augmentations, provenance.seed, plan_text(provenance.plan));
  if (scored) {
    text += fmt::format("\n{:<{}}  {:>9}  {:>9}  {:>6}\n", "interpreter", width, "AUC dense", "AUC trace",
                        "gain");
    for (const auto& mean : means) {
      text += fmt::format("{:<{}}  {:>9.1f}  {:>9.1f}  {:>+6.1f}\n", mean.interpreter, width,
                          100 * mean.auc->dense, 100 * mean.auc->trace,
                          100 * (mean.auc->trace - mean.auc->dense));
    }
  } else {
    text += "interpreters: ";
    for (std::size_t i = 0; i < means.size(); ++i)
      text += (i > 0 ? ", " : "") + means[i].interpreter;
    text += '\n';
  }
  text += fmt::format(
      "\nclass kept: {} of {}; KL {:.3g} nats; {:.1f} % of the weights are zero; {:.1f} s a trace\n",
      first.classes_kept, first.pictures, first.kl, 100 * first.sparsity,
      std::accumulate(results.trace_seconds.begin(), results.trace_seconds.end(), 0.0) /
          static_cast<double>(results.trace_seconds.size()));
  if (first.sparsity == 0)
    text += "note: nothing was pruned: the trace is the dense network, and so are its maps\n";
  return text;
}

} // namespace spade::explain_tool
