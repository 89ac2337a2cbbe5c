#pragma once

#include <map>
#include <memory>

#include "core/metadata/image.h"
#include "core/node/options.h"

namespace trialog::broker {

/// The settings of topics, read from text once per image rather than once per request.
class TopicSettings {
 public:
  /// `options` outlives it.
  explicit TopicSettings(const node::Options& options) : options_(options) {}

  /// What holds for the topic in that image. The reference holds until the next call.
  const node::TopicOptions& of(const std::shared_ptr<const metadata::Image>& image,
                               const metadata::Topic& topic);

 private:
  const node::Options& options_;
  std::shared_ptr<const metadata::Image> image_;
  metadata::Settings broker_;
  std::map<Uuid, node::TopicOptions> known_;
};

}  // namespace trialog::broker
