// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/report/write_report.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <spade/core/error.hpp>

#include "io/temporary_folder.hpp"
#include "toy_explanations.hpp"

namespace {

using namespace spade;
using namespace spade::testing;

std::string written(const std::vector<Explanation>& explanations, const ReportOptions& options = {}) {
  const tests::TemporaryFolder folder;
  const auto path = folder / "report.html";
  write_report(path, explanations, options);
  std::ifstream file(path);
  std::string page{std::istreambuf_iterator<char>(file), {}};
  return page;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++found;
  return found;
}

// Embedded pictures are long and say nothing to a regular expression.
std::string without_pictures(std::string page) {
  for (auto begin = page.find("data:image/png;base64,"); begin != std::string::npos;
       begin = page.find("data:image/png;base64,", begin + 1)) {
    page.erase(begin + 5, page.find('"', begin) - begin - 5);
  }
  return page;
}

// Every element that opens closes, in order: what a browser would otherwise mend in ways of its own.
bool balanced(const std::string& page) {
  static const std::regex tag("<(/?)([a-z0-9]+)((?:[^<>\"]|\"[^\"]*\")*?)(/?)>");
  static const std::vector<std::string> empty{"meta", "link", "img"};
  std::vector<std::string> open;
  for (std::sregex_iterator it(page.begin(), page.end(), tag), end; it != end; ++it) {
    const std::string name = (*it)[2];
    if ((*it)[4].length() > 0 || std::ranges::find(empty, name) != empty.end()) continue;
    if ((*it)[1].length() == 0) {
      open.push_back(name);
    } else {
      if (open.empty() || open.back() != name) return false;
      open.pop_back();
    }
  }
  return open.empty();
}

struct Album {
  std::vector<Explanation> explanations;
  ReportOptions options;
};

Album album(std::uint64_t pictures, std::int64_t layers = 3) {
  Album result;
  for (std::uint64_t seed = 1; seed <= pictures; ++seed) {
    for (const auto* interpreter : {"saliency", "input_x_gradient", "lrp_epsilon_plus"}) {
      Toy toy;
      toy.seed = seed;
      toy.interpreter = interpreter;
      toy.layers = layers;
      toy.kept = seed != 2;
      result.explanations.push_back(toy_explanation(toy));
      result.options.captions.push_back({fmt::format("p{}.png", seed), toy_mask(16, 4, 4)});
    }
  }
  return result;
}

TEST_CASE("a report is one well-formed page that needs nothing else", "[report]") {
  const auto [explanations, options] = GENERATE(album(1), album(3), album(1, 160));
  const auto page = written(explanations, options);
  CHECK_THAT(page, Catch::StartsWith("<!doctype html>"));
  CHECK_THAT(page, Catch::EndsWith("</html>\n"));
  const auto text = without_pictures(page);
  CHECK(balanced(text));
  CHECK(count(text, "{{") == 0);
  for (const auto* outside : {"http:", "https:", "//cdn", "@import", "<script", "url("}) {
    CHECK(count(text, outside) == 0);
  }
  static const std::regex source("(?:src|href)=\"([^\"]*)\"");
  for (std::sregex_iterator it(text.begin(), text.end(), source), end; it != end; ++it) {
    const std::string target = (*it)[1];
    CHECK((target.starts_with("data:") || target.starts_with("#")));
  }
}

TEST_CASE("every picture of a report is described in words", "[report]") {
  const auto [explanations, options] = album(3);
  const auto text = without_pictures(written(explanations, options));
  static const std::regex image("<img[^>]*>");
  std::size_t described = 0;
  for (std::sregex_iterator it(text.begin(), text.end(), image), end; it != end; ++it) {
    const std::string tag = it->str();
    REQUIRE(tag.find(" alt=\"") != std::string::npos);
    described += tag.find(" alt=\"\"") == std::string::npos ? 1 : 0;
  }
  // One picture and four maps per interpreter; the thumbnails stand beside their names and are silent.
  CHECK(described == 3 * (1 + 4 * 3));
  CHECK_THAT(text, Catch::Contains("Heat map of the trace by LRP epsilon plus over p1.png; AUC "));
}

TEST_CASE("interpreters of one trace share a section, other pictures and pruners have their own",
          "[report]") {
  auto [explanations, options] = album(2);
  CHECK(count(written(explanations, options), "<section class=\"picture\"") == 2);
  Toy magnitude;
  magnitude.pruner = "magnitude";
  explanations.push_back(toy_explanation(magnitude));
  options.captions.push_back({"p1.png", {}});
  const auto page = written(explanations, options);
  CHECK(count(page, "<section class=\"picture\"") == 3);
  CHECK(count(page, "<article class=\"interpreter\"") == 7);
  CHECK_THAT(page, Catch::Contains("<th scope=\"col\">Pruner</th>"));
}

TEST_CASE("the scores of many interpreters stand one above the other, of a few side by side", "[report]") {
  const auto page_of = [](int interpreters) {
    std::vector<Explanation> explanations;
    ReportOptions options;
    for (int i = 0; i < 2 * interpreters; ++i) {
      Toy toy;
      toy.seed = static_cast<std::uint64_t>(1 + i / interpreters);
      toy.interpreter = fmt::format("method_{}", i % interpreters);
      explanations.push_back(toy_explanation(toy));
      options.captions.push_back({fmt::format("p{}.png", toy.seed), toy_mask(16, 4, 4)});
    }
    return written(explanations, options);
  };
  CHECK(count(page_of(3), "<table class=\"contents\">") == 1);
  CHECK(count(page_of(6), "<table class=\"contents crowded\">") == 1);
  CHECK(count(page_of(7), "<table class=\"contents stacked\">") == 1);
  CHECK(count(page_of(7), "<td class=\"number score\">") == 2 * 7);
}

TEST_CASE("a report says how the trace decides", "[report]") {
  auto [explanations, options] = album(2);
  options.class_names = {"cat", "fox", "owl", "elk"};
  const auto page = written(explanations, options);
  CHECK_THAT(page,
             Catch::Contains("The dense network says fox (") && Catch::Contains(", and so does the trace ("));
  CHECK_THAT(page, Catch::Contains(", the trace cat ("));
  CHECK_THAT(page, Catch::Contains("1 of 2 such traces keep the class"));
  CHECK(count(page, "class=\"lost\"") == 2); // in its row, and what it means
}

TEST_CASE("strings of others are escaped", "[report]") {
  Toy toy;
  toy.interpreter = "<i>my & own</i>";
  auto explanation = toy_explanation(toy);
  explanation.trace.layers.front().name = "layer0";
  ReportOptions options;
  options.title = "<script>alert('title')</script>";
  options.captions = {{"a<b>&\"c\".png", {}}};
  options.class_names = {"</table>", "\"><img src=x onerror=alert(1)>"};
  options.command = "spade-explain 'a<b>&\"c\".png'";
  options.model = "<model>";
  const auto text = without_pictures(written({explanation}, options));
  CHECK(balanced(text));
  CHECK(count(text, "<script") == 0);
  CHECK(count(text, "onerror=alert(1)>") == 0);
  CHECK(count(text, "<b>") == 0);
  CHECK_THAT(text, Catch::Contains("a&lt;b&gt;&amp;&quot;c&quot;.png"));
}

TEST_CASE("masks are outlined and scored, or not there", "[report]") {
  const auto masked = album(1);
  const auto with = written(masked.explanations, masked.options);
  CHECK(count(with, "id=\"mask1\" d=\"M4 4h4M4 8h4M4 4v4M8 4v4\"") == 1);
  CHECK(count(with, "href=\"#mask1\" class=\"line\"") == 1 + 2 * 3);
  CHECK_THAT(with, Catch::Contains("AUC, %"));
  const auto without = written(masked.explanations);
  CHECK(count(without, "class=\"outline\"") == 0);
  CHECK(count(without, "AUC ") == 0);
}

TEST_CASE("every layer has its bars and its row", "[report]") {
  const auto [explanations, options] = album(1, 160);
  const auto page = written(explanations, options);
  CHECK(count(page, "class=\"sparsity\"") == 160);
  CHECK(count(page, "class=\"error\"") == 160);
  CHECK(count(page, "<code>layer159</code>") == 1);
}

TEST_CASE("the command to make a report again is in it", "[report]") {
  ReportOptions options;
  options.command = "spade-explain net.pt fox.png --seed 1";
  const auto page = written({toy_explanation()}, options);
  CHECK_THAT(page, Catch::Contains("<pre><code>spade-explain net.pt fox.png --seed 1</code></pre>"));
  CHECK_THAT(page, Catch::Contains("{&quot;by_depth&quot;:[0.5,0.9],&quot;dense_first&quot;:true}"));
}

TEST_CASE("the same explanations make the same page", "[report]") {
  const auto [explanations, options] = album(2);
  CHECK(written(explanations, options) == written(explanations, options));
}

TEST_CASE("a report of nothing, or of what cannot be drawn, is refused and leaves no file", "[report]") {
  const tests::TemporaryFolder folder;
  const auto path = folder / "report.html";
  const auto refused = [&](const std::vector<Explanation>& explanations, const ReportOptions& options = {}) {
    std::string why;
    try {
      write_report(path, explanations, options);
    } catch (const Error& error) {
      why = error.what();
    }
    CHECK(folder.names().empty());
    return why;
  };
  CHECK_THAT(refused({}), Catch::Contains("no explanation"));
  ReportOptions options;
  options.captions.resize(2);
  CHECK_THAT(refused({toy_explanation()}, options), Catch::Contains("2 captions for 1 explanations"));
  options.captions = {{"p.png", at::ones({5, 4})}};
  CHECK_THAT(refused({toy_explanation()}, options),
             Catch::Contains("the mask of p.png is [5, 4], its input [1, 3, 16, 16]"));
  options.captions.clear();
  options.top_classes = 0;
  CHECK_THAT(refused({toy_explanation()}, options), Catch::Contains("top_classes is 0"));
  auto flat = toy_explanation();
  flat.attribution = at::ones({1, 3, 16});
  CHECK_THAT(refused({flat}), Catch::Contains("the trace's attribution of saliency is [1, 3, 16]"));
  auto unknown = toy_explanation();
  unknown.trace.layers.front().name = "head";
  CHECK_THAT(refused({unknown}), Catch::Contains("a layer \"head\""));
  CHECK_THROWS_AS(write_report("/no/such/folder/report.html", {toy_explanation()}), FileError);
}

} // namespace
