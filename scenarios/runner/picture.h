#pragma once

#include <map>
#include <optional>
#include <string>

#include "scenarios/runner/history.h"
#include "sim/recorder.h"
#include "viz/timeline.h"

namespace trialog::scenarios {

/// Listens to a run and draws it: what happened to each machine, to its disk and to the network,
/// what its node said, and what became of the records meanwhile. Hands every event on to `next`.
class Picture : public sim::Recorder {
 public:
  /// `next` may be null. Neither is owned.
  Picture(std::string title, sim::Recorder* next);

  void on_event(const sim::Happened& event) override;
  /// A line of text for the clients' lane, such as "100 acknowledged".
  void clients_did(Duration at, std::string what, viz::Tone tone);
  /// Draws into `path` as SVG, by Graphviz. What went wrong, or nothing.
  std::optional<std::string> draw(const std::string& path) const;

 private:
  std::optional<viz::Mark> mark_of(const sim::Happened& event);

  viz::Timeline timeline_;
  std::map<sim::NodeIndex, std::string> lanes_;  // Of the machines that have been started.
  sim::Recorder* next_;
};

}  // namespace trialog::scenarios
