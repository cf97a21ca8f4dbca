# Writes folds.json: the folds of scikit-learn without shuffling.
#   python3 folds.py > folds.json
import json, sklearn
from sklearn.model_selection import KFold, StratifiedKFold, GroupKFold, StratifiedGroupKFold, TimeSeriesSplit, LeaveOneOut

labels = [2, 0, 2, 1, 0, 2, 2, 1, 0, 2, 1, 2, 0, 2, 2, 1, 2]
groups = [7, 5, 1, 7, 9, 5, 7, 5, 7, 1, 8, 5, 7, 9, 5, 7, 1]  # sizes differ: NumPy does not say how it orders equal ones
x = list(range(len(labels)))


def folds(s, *args):
    return [{"Train": a.tolist(), "Test": b.tolist()} for a, b in s.split(x, *args)]


print(json.dumps({
    "scikit-learn": sklearn.__version__, "labels": labels, "groups": groups,
    "kfold": folds(KFold(5)), "kfold3": folds(KFold(3)), "stratified": folds(StratifiedKFold(3), labels),
    "stratified4": folds(StratifiedKFold(4), labels), "group": folds(GroupKFold(3), labels, groups),
    "both": folds(StratifiedGroupKFold(3), labels, groups), "both2": folds(StratifiedGroupKFold(2), labels, groups),
    "time": folds(TimeSeriesSplit(5)), "time2": folds(TimeSeriesSplit(3, test_size=2, gap=1, max_train_size=6)), "one": folds(LeaveOneOut())}))
