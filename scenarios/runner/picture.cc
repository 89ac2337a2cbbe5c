#include "scenarios/runner/picture.h"

#include <cstdio>

namespace trialog::scenarios {
namespace {

const std::string client_lane = "clients";
const std::string network_lane = "network";

/// "broker 1" for the machine "broker1".
std::string lane_of(std::string_view machine) {
  if (machine == "client") return client_lane;
  const auto number = machine.find_first_of("0123456789");
  if (number == std::string_view::npos) return std::string(machine);
  return std::string(machine.substr(0, number)) + " " + std::string(machine.substr(number));
}

}  // namespace

Picture::Picture(std::string title, sim::Recorder* next)
    : timeline_(std::move(title), {client_lane, network_lane}), next_(next) {}

/// How an event of the simulator reads; nothing for the many that only make noise.
std::optional<viz::Mark> Picture::mark_of(const sim::Happened& event) {
  const auto is = [&](std::string_view family) { return event.kind.starts_with(family); };
  if (is("machine.start") && !lanes_.contains(event.node)) {
    timeline_.add_lane(lanes_[event.node] = lane_of(event.detail));
  }
  const auto lane = lanes_.find(event.node);
  viz::Mark mark;
  mark.at = event.at - sim::beginning;
  mark.lane = lane == lanes_.end() ? network_lane : lane->second;
  mark.label = std::string(event.kind);
  if (!event.detail.empty()) mark.label += ": " + std::string(event.detail.substr(0, 60));
  if (event.kind == "note") mark.label = std::string(event.detail.substr(0, 60));
  if (is("machine.crash") || is("machine.stop") || is("process.exit")) {
    mark.tone = viz::Tone::trouble;
  } else if (is("machine.start") || is("machine.re")) {
    mark.tone = viz::Tone::work;
  } else if (is("machine.") || is("fault.") || is("clock.") || event.kind == "disk.fault") {
    mark.tone = viz::Tone::fault;
  } else if (is("net.cut") || is("net.heal") || is("net.broken")) {
    mark.label = std::string(event.kind) + ": " + (lane == lanes_.end() ? "" : lane->second) +
                 " to " + lane_of(event.detail);
    mark.lane = network_lane;
    mark.tone = viz::Tone::fault;
  } else if (event.kind != "note" || mark.label.find("connection.") != std::string::npos) {
    return std::nullopt;  // The rest is notes: what the node itself said.
  }
  return mark;
}

void Picture::on_event(const sim::Happened& event) {
  if (next_ != nullptr) next_->on_event(event);
  if (auto mark = mark_of(event)) timeline_.add(std::move(*mark));
}

void Picture::clients_did(Duration at, std::string what, viz::Tone tone) {
  viz::Mark mark;
  mark.at = at;
  mark.lane = client_lane;
  mark.label = std::move(what);
  mark.tone = tone;
  timeline_.add(std::move(mark));
}

std::optional<std::string> Picture::draw(const std::string& path) const {
  std::string quoted = "'";
  for (char c : path) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  const auto command = "dot -Kneato -n2 -Tsvg -o " + quoted + "'";
  auto* graphviz = popen(command.c_str(), "w");
  if (graphviz == nullptr) return "cannot run Graphviz's dot";
  const auto text = timeline_.dot();
  const bool written = std::fwrite(text.data(), 1, text.size(), graphviz) == text.size();
  if (pclose(graphviz) != 0 || !written) return "Graphviz's dot failed; is it installed?";
  return std::nullopt;
}

}  // namespace trialog::scenarios
