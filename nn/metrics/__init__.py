"""What a trained model says, and how right it is."""

from .evaluating import evaluating
from .predict import outputs, predict, predict_proba
from .scores import (
    accuracy,
    confusion_matrix,
    f1,
    precision,
    precision_recall_f1,
    r2_score,
    recall,
    top_k_accuracy,
)

__all__ = [
    "accuracy",
    "confusion_matrix",
    "evaluating",
    "f1",
    "outputs",
    "precision",
    "precision_recall_f1",
    "predict",
    "predict_proba",
    "r2_score",
    "recall",
    "top_k_accuracy",
]
