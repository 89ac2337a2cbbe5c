#pragma once

#include <map>
#include <memory>

#include "core/metadata/image.h"
#include "core/node/options.h"
#include "core/records/validate.h"

namespace trialog::broker {

/// What a topic's settings come to.
struct TopicFacts {
  node::TopicOptions options;
  /// For its batches; what belongs to one request (`now`, `allow_zstd`) is not set.
  records::Rules rules;
};

/// The settings of topics, read from text once per image rather than once per request.
class TopicSettings {
 public:
  /// `options` outlives it.
  explicit TopicSettings(const node::Options& options) : options_(options) {}

  /// What holds for the topic in that image. The reference holds until the next call.
  const TopicFacts& of(const std::shared_ptr<const metadata::Image>& image,
                       const metadata::Topic& topic);

 private:
  const node::Options& options_;
  std::shared_ptr<const metadata::Image> image_;
  metadata::Settings broker_;
  std::map<Uuid, TopicFacts> known_;
};

}  // namespace trialog::broker
