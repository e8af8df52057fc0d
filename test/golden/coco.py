"""COCO's own functions (pycocotools) on a small set of drawn objects: outlines as runs, and the twelve numbers of detections, with crowds, equal scores, objects of each size, images with nothing and
images with more than a hundred detections."""
import contextlib
import copy
import io
import math
import random

CATEGORIES = [2, 3, 7, 11]
SIDES = [(260, 220), (90, 170), (64, 64), (128, 128), (40, 30), (240, 250), (33, 47), (100, 100), (210, 190)]


def star(draw, x, y, radius, corners):
    """An outline that may cross itself and the edges of the picture."""
    turns = sorted(draw.random() for _ in range(corners))
    reach = [radius * (0.5 + draw.random()) for _ in range(corners)]
    return [round(v, 2) for turn, r in zip(turns, reach) for v in (x + r * math.cos(2 * math.pi * turn), y + r * math.sin(2 * math.pi * turn))]


def coco():
    import numpy as np
    from pycocotools import mask as masks
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    draw = random.Random(13)

    def runs(polygons, height, width):
        mask = masks.merge(masks.frPyObjects(polygons, height, width))
        return {'size': [int(side) for side in mask['size']], 'counts': mask['counts'].decode()}

    def plain(mask):
        """Run lengths as numbers, as the files have crowds."""
        flat = masks.decode(mask).flatten(order='F')
        changes = np.flatnonzero(np.diff(np.concatenate([[0], flat])))
        return [int(n) for n in np.diff(np.concatenate([[0], changes, [flat.size]]))]

    outlines = []
    for i in range(60):
        width, height = draw.choice(SIDES)
        polygon = star(draw, draw.uniform(-10, width + 10), draw.uniform(-10, height + 10), draw.uniform(0.3, 60), draw.randint(3, 9))
        if i % 6 == 0:
            polygon = [round(v) for v in polygon]
        mask = runs([polygon], height, width)
        outlines.append({'polygon': polygon, **mask, 'area': int(masks.area(mask)), 'box': [int(v) for v in masks.toBbox(mask)]})

    instances = {'images': [], 'annotations': [], 'categories': [{'id': id, 'name': f'kind {id}'} for id in reversed(CATEGORIES)]}
    results = []
    for i, (width, height) in enumerate(SIDES):
        id = 100 - 7 * i
        instances['images'].append({'id': id, 'file_name': f'{id}.png', 'width': width, 'height': height})
        if i == 6:
            continue
        for _ in range(0 if i == 2 else draw.randint(3, 8)):
            radius = draw.choice([6, 14, 40, 120])
            centre = [draw.uniform(0.1, 0.9) * width, draw.uniform(0.1, 0.9) * height]
            parts = [star(draw, *centre, radius, draw.randint(4, 7)) for _ in range(draw.choice([1, 1, 2]))]
            mask = runs(parts, height, width)
            crowd = draw.random() < 0.2
            category = draw.choice(CATEGORIES[:3])
            box = [float(v) for v in masks.toBbox(mask)]
            instances['annotations'].append({
                'id': len(instances['annotations']) + 1, 'image_id': id, 'category_id': category, 'bbox': [round(v + draw.uniform(-1, 1) * (k < 2), 2) for k, v in enumerate(box)],
                'area': round(float(masks.area(mask)) * draw.choice([1, 1, 0.8]), 2), 'iscrowd': int(crowd),
                'segmentation': {'size': [height, width], 'counts': plain(mask)} if crowd else parts,
            })
            for _ in range(draw.randint(0, 3)):
                shift = [draw.gauss(0, 0.12) * radius, draw.gauss(0, 0.12) * radius]
                moved = [[v + shift[k % 2] for k, v in enumerate(part)] for part in parts]
                found = runs(moved, height, width)
                results.append({
                    'image_id': id, 'category_id': category if draw.random() < 0.85 else draw.choice(CATEGORIES), 'score': round(draw.random(), 1),
                    'bbox': [round(float(v) + draw.gauss(0, 0.05) * radius, 2) for v in box[:2]] + [round(float(v) * draw.uniform(0.85, 1.1), 2) for v in box[2:]], 'segmentation': found,
                })
        if i in (2, 4):
            for _ in range(115):
                polygon = star(draw, draw.uniform(0, width), draw.uniform(0, height), draw.uniform(3, 9), 4)
                found = runs([polygon], height, width)
                results.append({
                    'image_id': id, 'category_id': 3, 'score': round(draw.random(), 2), 'bbox': [float(v) for v in masks.toBbox(found)], 'segmentation': found,
                })
    draw.shuffle(results)
    draw.shuffle(instances['annotations'])

    def numbers(kind, without=None):
        with contextlib.redirect_stdout(io.StringIO()):
            truth = COCO()
            truth.dataset = copy.deepcopy(instances)
            truth.createIndex()
            rows = [{k: v for k, v in row.items() if k != without} for row in results]
            evaluation = COCOeval(truth, truth.loadRes(rows), kind)
            evaluation.evaluate()
            evaluation.accumulate()
            evaluation.summarize()
        precision = evaluation.eval['precision'][:, :, :, 0, 2]
        means = [precision[:, :, k][precision[:, :, k] > -1] for k in range(len(CATEGORIES))]
        return {'scores': [float(v) for v in evaluation.stats], 'categories': [float(m.mean()) if m.size else -1 for m in means]}

    return {
        'outlines': outlines, 'instances': instances, 'results': results, 'bbox': numbers('bbox'), 'segm': numbers('segm'),
        # Of results that are masks alone, or boxes alone.
        'bboxOfMasks': numbers('bbox', 'bbox'), 'segmAlone': numbers('segm', 'bbox'), 'bboxAlone': numbers('bbox', 'segmentation'),
    }
