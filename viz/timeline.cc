#include "viz/timeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace trialog::viz {
namespace {

constexpr int lane_width = 260;
constexpr int row_height = 40;

std::string_view colour(Tone tone) {
  switch (tone) {
    case Tone::plain:
      return "#eef2f7";
    case Tone::work:
      return "#d9f2df";
    case Tone::fault:
      return "#ffe3b3";
    case Tone::trouble:
      return "#ffc9c9";
  }
  return "white";
}

std::string escaped(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string shown(Duration at) {
  const auto us = at / microseconds(1);
  return fmt::format("{}.{:06} s", us / 1'000'000, us % 1'000'000);
}

}  // namespace

void Timeline::add_lane(const std::string& lane) {
  if (std::ranges::find(lanes_, lane) == lanes_.end()) lanes_.push_back(lane);
}

std::vector<Timeline::Row> Timeline::merged() const {
  std::vector<Row> rows;
  for (const auto& [at, mark] : marks_) {
    const bool same =
        !rows.empty() && rows.back().mark.lane == mark.lane && rows.back().mark.label == mark.label;
    if (same) {
      ++rows.back().times;
      rows.back().until = at;
    } else {
      rows.push_back({mark, 1, at});
    }
  }
  return rows;
}

std::string Timeline::dot(std::size_t rows) const {
  auto all = merged();
  const auto left_out = all.size() > rows ? all.size() - rows : 0;
  all.resize(all.size() - left_out);
  std::string text = "graph run {\n  graph [splines=line, labelloc=t, fontname=\"Helvetica\"";
  text += fmt::format(", label=\"{}\"];\n", escaped(title_));
  text +=
      "  node [shape=box, style=\"filled,rounded\", fontname=\"Helvetica\", fontsize=11, "
      "height=0.35];\n";
  const auto bottom = -static_cast<int>(all.size() + 2) * row_height;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    const auto x = static_cast<int>(i + 1) * lane_width;
    text += fmt::format("  head{} [label=\"{}\", pos=\"{},0!\", fillcolor=\"#c7d7f0\"];\n", i,
                        escaped(lanes_[i]), x);
    text += fmt::format("  foot{} [shape=point, width=0.02, pos=\"{},{}!\"];\n", i, x, bottom);
    text += fmt::format("  head{} -- foot{} [color=\"#9aa7b8\"];\n", i, i);
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto& [mark, times, until] = all[i];
    const auto lane = std::ranges::find(lanes_, mark.lane) - lanes_.begin();
    const auto y = -static_cast<int>(i + 1) * row_height;
    const auto label =
        times == 1 ? mark.label
                   : fmt::format("{} ({} times, until {})", mark.label, times, shown(until));
    text += fmt::format("  time{} [label=\"{}\", shape=plaintext, style=\"\", pos=\"{},{}!\"];\n",
                        i, shown(mark.at), lane_width / 4, y);
    text += fmt::format("  row{} [label=\"{}\", pos=\"{},{}!\", fillcolor=\"{}\"];\n", i,
                        escaped(label), (lane + 1) * lane_width, y, colour(mark.tone));
  }
  if (left_out > 0) {
    text += fmt::format(
        "  rest [label=\"{} more left out\", shape=plaintext, style=\"\", pos=\"{},{}!\"];\n",
        left_out, lane_width, bottom);
  }
  return text + "}\n";
}

}  // namespace trialog::viz
