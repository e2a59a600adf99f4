"""Rasa's logistic regression with what it does not let one set, and a naive Bayes voting beside it."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.logistic_regression_classifier import LogisticRegressionClassifier
from sklearn.naive_bayes import ComplementNB

_FILE = "vote.npz"


class Vote:
    """A regression and a naive Bayes that have learnt, each a matrix (features, intents); immutable.

    `share` is that of the naive Bayes in the confidences.
    """

    def __init__(self, arrays: dict[str, Any], share: float) -> None:
        self.arrays = arrays
        self.classes_ = arrays["intents"]
        self._share = share

    def predict_proba(self, rows: scipy.sparse.csr_matrix) -> np.ndarray:
        """Return confidences, one row a text, one column an intent."""
        rows = rows.astype(np.float32)  # else the matrices are widened anew for each text
        regression = _softmax(rows @ self.arrays["regression"] + self.arrays["bias"])
        bayes = _softmax(rows @ self.arrays["bayes"])
        return ((1 - self._share) * regression + self._share * bayes).astype(np.float64)  # JSON knows no less


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class WeightedLogisticRegression(LogisticRegressionClassifier):
    """`class_weight` null counts every sentence the same.

    Rasa always balances, which makes a sentence out of scope, of which there are many, count a fraction of a
    greeting: everything strange then lands in a small intent. `naive_bayes` is the share of a complement
    naive Bayes in the confidences, which errs on other sentences than the regression. Kept as plain arrays.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the defaults of Rasa's component, `class_weight` (null or "balanced"), `C`, naive Bayes."""
        return {
            **LogisticRegressionClassifier.get_default_config(),
            "class_weight": None,
            "C": 1.0,
            "naive_bayes": 0.25,
            "smoothing": 0.3,
        }

    def __init__(
        self, config: dict[str, Any], name: str, model_storage: ModelStorage, resource: Resource
    ) -> None:
        super().__init__(config, name, model_storage, resource)
        self.clf.set_params(class_weight=self.config["class_weight"], C=self.config["C"])

    def train(self, training_data: Any) -> Resource:  # noqa: ANN401  Rasa's signature
        """Learn from the featurised examples, and store what was learnt."""
        rows, intents = self._create_training_matrix(training_data)
        regression = self.clf.fit(rows, intents)
        bayes = ComplementNB(alpha=self.config["smoothing"]).fit(rows, intents)
        self.clf = Vote(
            {
                "intents": np.array(regression.classes_, dtype=str),
                "regression": np.ascontiguousarray(regression.coef_.T, np.float32),
                "bias": regression.intercept_.astype(np.float32),
                "bayes": np.ascontiguousarray(bayes.feature_log_prob_.T, np.float32),
            },
            self.config["naive_bayes"],
        )
        self.persist()
        return self._resource

    def persist(self) -> None:
        """Store the arrays."""
        with self._model_storage.write_to(self._resource) as directory:
            np.savez(directory / _FILE, **self.clf.arrays)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,  # noqa: ANN401  Rasa's signature
    ) -> WeightedLogisticRegression:
        """Return the trained classifier; raises ValueError where the model holds none."""
        component = cls(config, execution_context.node_name, model_storage, resource)
        with (
            model_storage.read_from(resource) as directory,
            np.load(directory / _FILE, allow_pickle=False) as stored,
        ):
            component.clf = Vote(
                {name: stored[name] for name in stored.files}, component.config["naive_bayes"]
            )
        return component


def _softmax(scores: np.ndarray) -> np.ndarray:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)
