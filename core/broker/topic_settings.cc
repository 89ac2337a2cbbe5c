#include "core/broker/topic_settings.h"

namespace trialog::broker {

const node::TopicOptions& TopicSettings::of(const std::shared_ptr<const metadata::Image>& image,
                                            const metadata::Topic& topic) {
  if (image_ != image) {
    image_ = image;
    broker_ = image->broker_settings(options_.id, options_.settings);
    known_.clear();
  }
  const auto found = known_.find(topic.id);
  if (found != known_.end()) return found->second;
  const metadata::Resource resource{metadata::ResourceType::topic, topic.name};
  return known_.emplace(topic.id, node::topic_options(image->settings(resource), broker_))
      .first->second;
}

}  // namespace trialog::broker
