"""Rasa's logistic regression with what it does not let one set: class weights and regularisation."""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.logistic_regression_classifier import LogisticRegressionClassifier


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class WeightedLogisticRegression(LogisticRegressionClassifier):
    """`class_weight` null counts every sentence the same.

    Rasa always balances, which makes a sentence out of scope, of which there are many, count a fraction of a
    greeting: everything strange then lands in a small intent.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the defaults of Rasa's component with `class_weight` (null or "balanced") and `C`."""
        return {**LogisticRegressionClassifier.get_default_config(), "class_weight": None, "C": 1.0}

    def __init__(
        self, config: dict[str, Any], name: str, model_storage: ModelStorage, resource: Resource
    ) -> None:
        super().__init__(config, name, model_storage, resource)
        self.clf.set_params(class_weight=self.config["class_weight"], C=self.config["C"])
